/** A stop of the playhead. */
export interface Stall {
  /** Media time of the stop, in seconds. */
  readonly at: number;
  /** Length of the stop; up to now if it has not ended. */
  readonly ms: number;
  /** The least media ahead of the playhead during the stop. Much media: the machine was too slow to decode. */
  readonly aheadSeconds: number;
}

/** An error that hls.js reported. */
export interface PlayerError {
  readonly details: string;
  readonly fatal: boolean;
}

/** A media segment of any track that the player received. */
export interface LoadedSegment {
  /** `main`, `audio` or `subtitle`. */
  readonly kind: string;
  readonly url: string;
  /** Index of the level, or of the track of its kind. */
  readonly level: number;
  readonly msn: number;
  /** As delivered. */
  readonly bytes: number;
}

/** The player of one page, observed from outside: the video element, the browser's network log and hls.js's events. */
export interface Reading {
  /** Date.now() at the reading. Pages on one machine share this clock. */
  readonly wallMs: number;
  readonly visible: boolean;
  readonly paused: boolean;
  /** From the request of the first playlist to the first `playing`. Undefined before. */
  readonly startupMs: number | undefined;
  /** From the start of the navigation to the first picture. Undefined before. */
  readonly firstPictureMs: number | undefined;
  /** Media time played at normal pace since the first `playing`; jumps do not count. */
  readonly playedSeconds: number;
  /** Stops of more than 250 ms after the first `playing`, without pauses by the viewer. */
  readonly stalls: readonly Stall[];
  /** Media time skipped by forward jumps. */
  readonly skippedSeconds: number;
  readonly aheadSeconds: number;
  /** The playhead's position in the playlist's numbers, comparable between pages that play one playlist. */
  readonly position: { readonly msn: number; readonly offsetSeconds: number } | undefined;
  /** URLs of the media segments that the player buffered, in order, with repetitions. */
  readonly bufferedSegments: readonly string[];
  /** The segments of every kind that the player received, in order; the first 5000. */
  readonly loadedSegments: readonly LoadedSegment[];
  /** Bytes of all segments that the player received, or of their parts where it received parts. */
  readonly loadedBytes: number;
  /** How often hls.js aborted a load to switch down. */
  readonly emergencies: number;
  /** The player reached the end of an ended playlist. */
  readonly ended: boolean;
  /** Bytes handed to the page's data channels: media and control frames of any engine. */
  readonly sentBytes: number;
  /** The first errors that hls.js reported. */
  readonly errors: readonly PlayerError[];
}

/** Property of `globalThis` that holds a page's probe. */
export const PROBE = '__freshetProbe';
