import type { Millis, SegmentId, SegmentKey } from '@freshet/protocol';
import type { SegmentNotice } from '@freshet/swarm';

export interface SourceSegment {
  readonly id: SegmentId;
  readonly key: SegmentKey;
  readonly bytes: number;
  readonly durationMs: Millis;
  /** Its position on the programme's timeline, which continues over all restarts. */
  readonly startMs: Millis;
}

/** Its announcement in a join reply: no viewer is asked to inject it any more. */
export function noticeOf({ id, bytes, durationMs }: SourceSegment): SegmentNotice {
  return { segment: id, bytes, durationMs, injectors: [] };
}
