import type { PlanNumbers, PlanOutcome } from './plan.ts';

/** What a whole audience means for the server, once all have joined. */
export interface AudienceOutcome {
  readonly withoutMbps: number;
  readonly withMbps: number;
  /** Gigabytes (1e9 bytes) that leave the server in an hour. */
  readonly withoutGbPerHour: number;
  readonly withGbPerHour: number;
  /** More than was simulated: the share that viewers give one another is taken to stay. */
  readonly isExtrapolated: boolean;
  /** The server's line does not carry what is left for it. */
  readonly isOverLine: boolean;
}

/**
 * Takes a simulated audience for a larger one: the offload stays as it is, neither better, as its limit 1 - 1/N would
 * have it, nor worse, as it was in the simulator's own larger runs (0.983 with 1,000 viewers, 0.974 with 2,500).
 */
export function extrapolate(
  audience: number,
  { viewers, kbps, originMbps }: Pick<PlanNumbers, 'viewers' | 'kbps' | 'originMbps'>,
  { offload }: Pick<PlanOutcome, 'offload'>,
): AudienceOutcome {
  const withoutMbps = (audience * kbps) / 1000;
  const withMbps = withoutMbps * (1 - offload);
  return {
    withoutMbps,
    withMbps,
    withoutGbPerHour: gbPerHour(withoutMbps),
    withGbPerHour: gbPerHour(withMbps),
    isExtrapolated: audience > viewers,
    isOverLine: withMbps > originMbps,
  };
}

function gbPerHour(mbps: number): number {
  return (mbps * 3600) / 8000;
}
