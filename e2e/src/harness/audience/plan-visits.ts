import { seededRandom } from '@freshet/swarm';

/** A viewer's stay. Times are milliseconds after the start. */
export interface Visit {
  readonly name: string;
  /** From 0 up to the number of viewers. */
  readonly seat: number;
  readonly joinMs: number;
  /** Undefined: the viewer stays to the end. */
  readonly leaveMs: number | undefined;
}

export interface VisitPlan {
  readonly visits: readonly Visit[];
  /** When every seat is taken for the first time. */
  readonly fullMs: number;
  readonly endMs: number;
}

export interface VisitOptions {
  readonly viewers: number;
  /** Time between the first joins. 0: all at once. */
  readonly joinEveryMs: number;
  /** Time from the last of these joins to the end. */
  readonly stayMs: number;
  /**
   * Mean of the random time after which a viewer leaves and another takes its seat at once. The distribution is
   * exponential: the time that a viewer will still stay does not depend on how long it has been there. Undefined: no
   * viewer leaves.
   */
  readonly meanStayMs?: number | undefined;
  readonly seed?: number;
}

export function planVisits(options: VisitOptions): VisitPlan {
  const { viewers, joinEveryMs, stayMs, meanStayMs, seed = 1 } = options;
  const random = seededRandom(seed);
  const fullMs = (viewers - 1) * joinEveryMs;
  const endMs = fullMs + stayMs;
  const visits: Visit[] = [];
  for (let seat = 0; seat < viewers; seat++) {
    let joinMs = seat * joinEveryMs;
    for (let turn = 1; joinMs < endMs; turn++) {
      const stay = meanStayMs === undefined ? Infinity : -Math.log(1 - random()) * meanStayMs;
      const leaveMs = joinMs + stay;
      const name = meanStayMs === undefined ? `${seat + 1}` : `${seat + 1}-${turn}`;
      visits.push({ name, seat, joinMs, leaveMs: leaveMs < endMs ? leaveMs : undefined });
      joinMs = leaveMs;
    }
  }
  return { visits, fullMs, endMs };
}
