import type { RehearsalFigures } from '@freshet/api';
import { type Experience, summarise } from '../tracker/group-figures.ts';

/** Counters of a stream, since the server started. */
export interface Counted {
  /** Segment bytes that the server sent. */
  readonly originBytes: number;
  readonly publishedBytes: number;
  /** As viewers report. */
  readonly peerBytes: number;
}

/** @param from counters at the start @param half in the middle; undefined before that @param to now */
export function rehearsalFigures(
  { from, half, to }: { readonly from: Counted; readonly half: Counted | undefined; readonly to: Counted },
  experiences: readonly Experience[],
  others: number,
): Required<RehearsalFigures> {
  const { medianStartupMs, medianLatencyMs } = summarise(experiences.length, experiences);
  const originBytes = to.originBytes - from.originBytes;
  const peerBytes = to.peerBytes - from.peerBytes;
  const all = originBytes + peerBytes;
  return {
    viewers: experiences.length,
    played: experiences.filter(({ startupMs }) => startupMs !== undefined).length,
    ...{ medianStartupMs, medianLatencyMs },
    stalls: experiences.reduce((sum, { stalls }) => sum + stalls, 0),
    viewersWithStall: experiences.filter(({ stalls }) => stalls > 0).length,
    originBytes,
    copies: copiesOf(from, to),
    laterCopies: half === undefined ? undefined : copiesOf(half, to),
    peerBytes,
    offload: all === 0 ? undefined : 1 - originBytes / all,
    others: Math.max(0, others),
  };
}

function copiesOf(from: Counted, to: Counted): number | undefined {
  const published = to.publishedBytes - from.publishedBytes;
  return published === 0 ? undefined : (to.originBytes - from.originBytes) / published;
}
