import {
  type AudienceOutcome,
  extrapolate,
  type PlanNumbers,
  type PlanOutcome,
} from '@freshet/simulator/plan';
import { formatShare } from '@freshet/viewer/panel/format.ts';
import type { Money } from '../api.ts';
import { formatMoney, formatMs, formatRate } from '../figures.ts';
import type { Tile } from '../tiles.ts';

/** What is asked of the planning page. */
export interface PlanRequest {
  readonly numbers: PlanNumbers;
  /** Everybody, not only those simulated. */
  readonly audience: number;
  readonly hoursPerMonth: number;
  readonly money: Money;
}

export interface PlanWords {
  readonly tiles: readonly Tile[];
  /** What the figures rest on, and what they leave out. */
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
        note: `${formatRate(whole.withoutMbps * 1000)} without`,
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
  if (costPerGb === null) return [{ name: 'Cost', value: '–', note: 'give a price above' }];
  const tile = (name: string, hours: number): Tile => ({
    name,
    value: formatMoney(whole.withGbPerHour * hours * costPerGb, currency),
    note: `${formatMoney(whole.withoutGbPerHour * hours * costPerGb, currency)} without`,
  });
  return [tile('Cost an hour', 1), tile('Cost a month', hoursPerMonth)];
}

function notes({ numbers, audience }: PlanRequest, whole: AudienceOutcome): readonly string[] {
  const simulated = COUNT.format(numbers.viewers);
  return [
    ...(whole.isExtrapolated
      ? [
          `Simulated were ${simulated} viewers. For ${COUNT.format(audience)} the same share is taken to come from viewers: an extrapolation, not a result. In larger simulations, of 0.8 Mbit/s, it hardly fell: from 98.9 % with 1,000 viewers to 98.6 % with 10,000.`,
        ]
      : []),
    ...(whole.isOverLine
      ? [
          `What is left for the server, ${formatRate(whole.withMbps * 1000)}, is more than its line carries: newcomers would be turned away (--egress-limit-mbps), or all would stall. Plan a faster line, more servers, or a CDN behind it (--fallback cdn).`,
        ]
      : []),
    'The decisions are those of the real viewers and the real server; lines, distances and who can link with whom are modelled (docs/simulator.md). Everybody’s line is taken to carry 1.5 times the bitrate, and a fifth of the pairs cannot link. Costs are of video alone, once all have joined; while they join the server sends more.',
  ];
}
