import type { SourceLocation } from './source-location.ts';

export interface SourceMap extends SourceLocation {
  /** EXT-X-KEY lines in force at its place in the list. */
  readonly keys: readonly string[];
}

/** One media segment as a source lists it. */
export interface SourceSegment extends SourceLocation {
  readonly msn: number;
  readonly durationMs: number;
  /** Its discontinuity sequence number. */
  readonly timeline: number;
  /** The source marks it as missing (EXT-X-GAP). */
  readonly gap: boolean;
  /** Milliseconds since 1970 by the source's clock. */
  readonly dateTime: number | undefined;
  /** Its original lines, including EXTINF, without the tags that depend on the place in the list. */
  readonly lines: readonly string[];
  /** EXT-X-KEY lines in force, their URIs absolute. */
  readonly keys: readonly string[];
  readonly map: SourceMap | undefined;
}

/** A media playlist after validation. */
export interface MediaList {
  readonly targetDurationMs: number;
  /** Contiguous media sequence numbers, oldest first. May be empty while a stream starts. */
  readonly segments: readonly SourceSegment[];
  /** Whether it has a discontinuity sequence; without one, timelines of two lists are not comparable. */
  readonly numbersTimelines: boolean;
  /** EXT-X-ENDLIST. */
  readonly ended: boolean;
  /** Playlist-wide lines that apply to our playlist too. */
  readonly header: readonly string[];
}
