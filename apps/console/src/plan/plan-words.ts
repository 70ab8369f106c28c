import {
  type AudienceOutcome,
  extrapolate,
  type PlanNumbers,
  type PlanOutcome,
} from '@freshet/simulator/plan';
import { formatShare } from '@freshet/ui';
import type { Money } from '../api.ts';
import { formatMoney, formatMs, formatRate } from '../charts/figures.ts';
import type { Tile } from '../charts/tiles.ts';

/** The input of the planning page. */
export interface PlanRequest {
  readonly numbers: PlanNumbers;
  /** All viewers, of which some are simulated. */
  readonly audience: number;
  readonly hoursPerMonth: number;
  readonly money: Money;
}

export interface PlanWords {
  readonly tiles: readonly Tile[];
  /** The assumptions behind the figures, and their limits. */
  readonly notes: readonly string[];
}

const COUNT = new Intl.NumberFormat('en');

export function planWords(request: PlanRequest, outcome: PlanOutcome): PlanWords {
  const { numbers, audience } = request;
  const whole = extrapolate(audience, numbers, outcome);
  return {
    tiles: [
      {
        name: 'From viewers',
        value: formatShare(outcome.offload),
        note: `${formatShare(outcome.leastOffload)} to ${formatShare(outcome.mostOffload)} in three runs, once all have joined`,
      },
      {
        name: 'Server sends',
        value: formatRate(whole.withMbps * 1000),
        note: `${formatRate(whole.withoutMbps * 1000)} without Freshet`,
      },
      ...costTiles(request, whole),
      {
        name: 'Viewers with a stall',
        value: `${outcome.viewersWithStall} of ${COUNT.format(outcome.joined)}`,
        note: 'in the simulation',
      },
      {
        name: 'Startup, median',
        value: formatMs(outcome.medianStartupMs),
        note: `${formatMs(outcome.medianLatencyMs)} behind live`,
      },
    ],
    notes: notes(request, whole),
  };
}

function costTiles({ money, hoursPerMonth }: PlanRequest, whole: AudienceOutcome): readonly Tile[] {
  const { costPerGb, currency } = money;
  if (costPerGb === null) return [{ name: 'Cost', value: '–', note: 'enter a price above' }];
  const tile = (name: string, hours: number): Tile => ({
    name,
    value: formatMoney(whole.withGbPerHour * hours * costPerGb, currency),
    note: `${formatMoney(whole.withoutGbPerHour * hours * costPerGb, currency)} without Freshet`,
  });
  return [tile('Cost per hour', 1), tile('Cost per month', hoursPerMonth)];
}

function notes({ numbers, audience }: PlanRequest, whole: AudienceOutcome): readonly string[] {
  const simulated = COUNT.format(numbers.viewers);
  return [
    ...(whole.isExtrapolated
      ? [
          `${simulated} viewers were simulated. The figures for ${COUNT.format(audience)} assume the same share from viewers: an extrapolation, not a result. In larger simulations at 0.8 Mbit/s the share hardly fell: from 98.9 % with 1,000 viewers to 98.6 % with 10,000.`,
        ]
      : []),
    ...(whole.isOverLine
      ? [
          `The server would have to send ${formatRate(whole.withMbps * 1000)}, more than its bandwidth: new viewers would be refused (--egress-limit-mbps), or all viewers would stall. Plan for more bandwidth, more servers, or a CDN (--fallback cdn).`,
        ]
      : []),
    'The simulation runs the code of the real viewers and the real tracker; bandwidth, delay and reachability are modelled (docs/simulator.md). It assumes that each viewer’s line carries 1.5 times the bitrate and that a fifth of the pairs cannot connect. Costs cover video only, once all have joined; the server sends more while they join.',
  ];
}
