import type { Millis, SegmentId, SegmentKey } from '@freshet/protocol';
import type { SegmentNotice } from '@freshet/swarm';

export interface SourceSegment {
  readonly id: SegmentId;
  readonly key: SegmentKey;
  readonly bytes: number;
  readonly durationMs: Millis;
  /** Its place on the programme's timeline, which goes on whatever is restarted. */
  readonly startMs: Millis;
}

/** What a join reply says of it: nobody is asked to inject it now. */
export function noticeOf({ id, bytes, durationMs }: SourceSegment): SegmentNotice {
  return { segment: id, bytes, durationMs, injectors: [] };
}
