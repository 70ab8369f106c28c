/** A stop of the playhead. */
export interface Stall {
  /** Media time at which it stood, in seconds. */
  readonly at: number;
  /** How long it stood; of one that has not ended: until now. */
  readonly ms: number;
  /** The least media that lay ahead of the playhead while it stood. Much: the machine was too slow to decode. */
  readonly aheadSeconds: number;
}

/** An error that hls.js told of. */
export interface PlayerError {
  readonly details: string;
  readonly fatal: boolean;
}

/** A media segment that the player was given, of whatever track. */
export interface LoadedSegment {
  /** `main`, `audio` or `subtitle`. */
  readonly kind: string;
  readonly url: string;
  /** Index of the level, or of the track of its kind. */
  readonly level: number;
  readonly msn: number;
  /** As it was delivered. */
  readonly bytes: number;
}

/** What one page's player did, seen from outside: the video element, the browser's network log and hls.js's events. */
export interface Reading {
  /** Date.now() when this was read: pages of one machine share it. */
  readonly wallMs: number;
  readonly visible: boolean;
  readonly paused: boolean;
  /** From the request of the first playlist to the first `playing`. Undefined before. */
  readonly startupMs: number | undefined;
  /** From the start of the navigation to the first picture. Undefined before. */
  readonly firstPictureMs: number | undefined;
  /** Media time that went by at normal pace since the first `playing`; jumps do not count. */
  readonly playedSeconds: number;
  /** Stops of more than 250 ms after the first `playing`, without those that the viewer asked for. */
  readonly stalls: readonly Stall[];
  /** Media time that was jumped over, forwards. */
  readonly skippedSeconds: number;
  readonly aheadSeconds: number;
  /** Where the playhead is, in the numbers of the playlist: comparable between pages that play one playlist. */
  readonly position: { readonly msn: number; readonly offsetSeconds: number } | undefined;
  /** URLs of the media segments that the player took into its buffer, in order, each as often as it did. */
  readonly bufferedSegments: readonly string[];
  /** The segments that the player was given, of every kind, in order; the first 5000. */
  readonly loadedSegments: readonly LoadedSegment[];
  /** Bytes of all that, of parts where the player was given those. */
  readonly loadedBytes: number;
  /** How often hls.js gave a load up in the middle to switch down. */
  readonly emergencies: number;
  /** It played to the end of an ended playlist. */
  readonly ended: boolean;
  /** Bytes that the page's data channels were given to send: media and control frames of whatever engine it has. */
  readonly sentBytes: number;
  /** Errors that hls.js told of, the first ones. */
  readonly errors: readonly PlayerError[];
}

/** How the pages hand their probe out. */
export const PROBE = '__freshetProbe';
