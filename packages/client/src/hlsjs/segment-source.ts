import type { Millis, SegmentId } from '@freshet/protocol';
import type { LoadingTimes } from './bandwidth-sample.ts';

/** A request by the fragment loader. */
export interface SegmentRequest {
  readonly segment: SegmentId;
  /** `main`, `audio` or `subtitle`. */
  readonly kind: string;
  readonly durationMs: Millis;
  /** Where the segment starts on the media element's timeline, in seconds. */
  readonly mediaStart: number;
  /** The segment. `body` belongs to the receiver. */
  onSegment(body: ArrayBuffer, times: LoadingTimes): void;
  /** Neither the swarm nor the origin has the segment. `status`: of the origin's last answer, 0 without one. */
  onFailed(status: number): void;
  /**
   * The origin delivers what is missing: the bytes held so far, and the timings. Not called while the request is held.
   */
  onProgress(loaded: number, times: Omit<LoadingTimes, 'end'>): void;
}

/** Where the fragment loader gets segments. */
export interface SegmentSource {
  /** @returns the segment's identity when this source delivers it; undefined: use hls.js's own loader. */
  accepts(url: string): SegmentId | undefined;
  /**
   * Answered by exactly one `onSegment` or `onFailed`, after this call has returned.
   * @returns a function that cancels the request
   */
  request(request: SegmentRequest): () => void;
  /** The address that hls.js's own loader requests instead of a segment's address in the playlist. */
  addressed(url: string): string;
  /** hls.js's own loader fetched a segment of this size. */
  loadedElsewhere(bytes: number): void;
}
