import type { Millis, SegmentId } from '@freshet/protocol';
import type { LoadingTimes } from './bandwidth-sample.ts';

/** What the fragment loader asks for. */
export interface SegmentRequest {
  readonly segment: SegmentId;
  /** `main`, `audio` or `subtitle`. */
  readonly kind: string;
  readonly durationMs: Millis;
  /** Where the segment starts on the media element's timeline, in seconds. */
  readonly mediaStart: number;
  /** A buffer of the receiver's own. */
  onSegment(body: ArrayBuffer, times: LoadingTimes): void;
  /** Neither the swarm nor the origin has it. `status`: of the origin's last answer, 0 when there was none. */
  onFailed(status: number): void;
  /** The origin brings what is missing: bytes here, and since when. Nothing is told while the request is held. */
  onProgress(loaded: number, times: Omit<LoadingTimes, 'end'>): void;
}

/** Where the fragment loader gets segments. */
export interface SegmentSource {
  /** @returns the segment's identity when it is to be asked for here; undefined: take hls.js's own loader. */
  accepts(url: string): SegmentId | undefined;
  /** Answered by exactly one `onSegment` or `onFailed`, later than this call, unless cancelled by what it returns. */
  request(request: SegmentRequest): () => void;
  /** What hls.js's own loader shall ask for instead of a segment's address in the playlist. */
  addressed(url: string): string;
  /** A segment's bytes came past this source, by hls.js's own loader. */
  loadedElsewhere(bytes: number): void;
}
