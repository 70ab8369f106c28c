import type { Millis, SegmentId, SegmentKey } from '@freshet/protocol';

export interface SourceSegment {
  readonly id: SegmentId;
  readonly key: SegmentKey;
  readonly bytes: number;
  readonly durationMs: Millis;
  /** Its place on the programme's timeline, which goes on whatever is restarted. */
  readonly startMs: Millis;
}
