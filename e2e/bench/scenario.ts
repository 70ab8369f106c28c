import { planVisits, type VisitPlan } from '../src/harness/audience/plan-visits.ts';
import type { UploadLimits } from './engines/engine.ts';

export const SCENARIOS = ['steady', 'all-at-once', 'churn', 'capped', 'one-at-0', 'one-at-200'] as const;
export type Scenario = (typeof SCENARIOS)[number];

const JOIN_EVERY_MS = 1000;
const MEAN_STAY_MS = 20_000;
/** Share of the stream's bitrate. */
const CAP = 2 / 3;
/** An early one, so that others come to rely on it. */
const LIMITED_SEAT = 1;

export interface ScenarioOptions {
  readonly scenario: Scenario;
  readonly viewers: number;
  /** Time after the last join. */
  readonly seconds: number;
  readonly seed: number;
}

export function planScenario({ scenario, viewers, seconds, seed }: ScenarioOptions): VisitPlan {
  return planVisits({
    viewers,
    seed,
    joinEveryMs: scenario === 'all-at-once' ? 0 : JOIN_EVERY_MS,
    stayMs: seconds * 1000,
    meanStayMs: scenario === 'churn' ? MEAN_STAY_MS : undefined,
  });
}

export function limitsOf(scenario: Scenario, seat: number, streamKbps: number): UploadLimits {
  switch (scenario) {
    case 'capped':
      return { everyKbps: Math.round(streamKbps * CAP) };
    case 'one-at-0':
      return seat === LIMITED_SEAT ? { thisKbps: 0 } : {};
    case 'one-at-200':
      return seat === LIMITED_SEAT ? { thisKbps: 200 } : {};
    case 'steady':
    case 'all-at-once':
    case 'churn':
      return {};
  }
}

/**
 * The highest offload that a swarm can reach: one viewer loads each byte from the server, and a capped one sends no
 * more than its cap.
 */
export function offloadLimit(scenario: Scenario, viewers: number): number {
  const one = 1 - 1 / viewers;
  return scenario === 'capped' ? Math.min(one, CAP) : one;
}
