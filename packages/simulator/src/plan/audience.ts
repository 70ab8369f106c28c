import type { PlanNumbers, PlanOutcome } from './plan.ts';

/** The load that a whole audience puts on the server, once all have joined. */
export interface AudienceOutcome {
  readonly withoutMbps: number;
  readonly withMbps: number;
  /** Gigabytes (1e9 bytes) that leave the server in an hour. */
  readonly withoutGbPerHour: number;
  readonly withGbPerHour: number;
  /** Whether the audience is larger than the simulated one. Its offload is assumed to be the same. */
  readonly isExtrapolated: boolean;
  /** Whether the rest of the load exceeds the server's line. */
  readonly isOverLine: boolean;
}

/**
 * Extrapolates a simulated audience to a larger one. The offload is assumed to stay the same: neither to rise, as its
 * limit 1 - 1/N would allow, nor to fall, as it did in the simulator's own larger runs (0.983 with 1,000 viewers, 0.974
 * with 2,500).
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
