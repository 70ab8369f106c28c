import type { Millis } from '@freshet/protocol';
import { type Experience, summarise } from '../tracker/group-figures.ts';

/** Counters of a stream, since the server started. */
export interface Counted {
  /** Segment bytes that the server sent. */
  readonly originBytes: number;
  readonly publishedBytes: number;
  /** As viewers report. */
  readonly peerBytes: number;
}

/** The result of a rehearsal. `copies` and `offload` cover the whole stream, including viewers who did not rehearse. */
export interface RehearsalFigures {
  /** Viewers who came, even for a moment. */
  readonly viewers: number;
  /** Of these, the viewers whose player began to play. */
  readonly played: number;
  readonly medianStartupMs: Millis | undefined;
  readonly medianLatencyMs: Millis | undefined;
  readonly stalls: number;
  readonly viewersWithStall: number;
  /** Counted on the server. */
  readonly originBytes: number;
  readonly copies: number | undefined;
  /** `copies` of the second half, when all viewers have arrived. */
  readonly laterCopies: number | undefined;
  /** As viewers report. */
  readonly peerBytes: number;
  readonly offload: number | undefined;
  /** Viewers of the stream at the end who did not rehearse. */
  readonly others: number;
}

/** @param from counters at the start @param half in the middle; undefined before that @param to now */
export function rehearsalFigures(
  { from, half, to }: { readonly from: Counted; readonly half: Counted | undefined; readonly to: Counted },
  experiences: readonly Experience[],
  others: number,
): RehearsalFigures {
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
