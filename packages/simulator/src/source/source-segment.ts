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

/** What the tracker announces of it. */
export function noticeOf(
  { id, bytes, durationMs }: SourceSegment,
  injectors: SegmentNotice['injectors'],
): SegmentNotice {
  return { segment: id, bytes, durationMs, injectors };
}
