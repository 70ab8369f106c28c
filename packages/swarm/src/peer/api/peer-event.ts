import type {
  ControlFrame,
  Millis,
  PeerId,
  Policy,
  RenditionId,
  SegmentId,
  SegmentKey,
} from '@freshet/protocol';

import type { Feedback } from '../uplink/uplink-control.ts';

/** A request of the player, named by the host. Answered by exactly one `deliver` or `fail`, unless withdrawn. */
export type WantId = number;
/** A transfer from the origin, named by the core. Ends with exactly one `origin-ended`, also when aborted. */
export type FetchId = number;

/** An announcement as the core needs it: the hashes stay in the host. */
export interface SegmentNotice {
  readonly segment: SegmentId;
  readonly bytes: number;
  readonly durationMs: Millis;
  readonly injectors: readonly { readonly peer: PeerId; readonly first: number; readonly count: number }[];
}

/**
 * Everything that can happen to a viewer. The host brings each with the time on its own monotonic clock.
 * Whatever came from another peer is already decoded but not believed.
 */
export type PeerEvent =
  /* from the tracker */
  | { readonly type: 'joined'; readonly self: PeerId }
  /** The connection to it is lost: no announcement comes until the next `joined`. */
  | { readonly type: 'tracker-lost' }
  | { readonly type: 'policy'; readonly policy: Policy }
  | { readonly type: 'announced'; readonly notice: SegmentNotice }
  | { readonly type: 'introduced'; readonly peer: PeerId; readonly dial: boolean }
  | { readonly type: 'expelled'; readonly peer: PeerId }
  /* from links */
  | { readonly type: 'link-open'; readonly peer: PeerId }
  | { readonly type: 'link-closed'; readonly peer: PeerId }
  | { readonly type: 'frame'; readonly peer: PeerId; readonly frame: ControlFrame }
  /**
   * A frame of a requested piece came in, the piece not complete yet: the neighbour is not silent. `backlogMs`: what it
   * said in the frame, as in `have`.
   */
  | {
      readonly type: 'piece-progress';
      readonly peer: PeerId;
      readonly segment: SegmentKey;
      readonly piece: number;
      readonly backlogMs: Millis;
    }
  /**
   * A whole piece came in. `good`: it matches the piece list and is stored; `bad`: it does not and is gone;
   * `spare`: it is good but was already held.
   */
  | {
      readonly type: 'piece-arrived';
      readonly peer: PeerId;
      readonly segment: SegmentKey;
      readonly piece: number;
      readonly verdict: 'good' | 'bad' | 'spare';
    }
  /** The link took the last frame of a `send-piece`. */
  | {
      readonly type: 'piece-sent';
      readonly peer: PeerId;
      readonly segment: SegmentKey;
      readonly piece: number;
    }
  /** How pieces arrive at a neighbour: its `feedback` frame with what the host noted when it sent them. */
  | { readonly type: 'feedback'; readonly peer: PeerId; readonly feedback: Feedback }
  /** A message that no honest peer sends: undecodable, a piece never asked for, a bitmap of the wrong length. */
  | { readonly type: 'misbehaved'; readonly peer: PeerId; readonly what: string }
  /* from the origin */
  /** A piece of a fetch is complete, matches the piece list and is stored. */
  | { readonly type: 'origin-piece'; readonly fetch: FetchId; readonly piece: number }
  /**
   * `ok`: every byte asked for came. `mismatch`: they came, but do not match the piece list (the host plays them and
   * stores nothing). `failed`: error status, broken off or timed out. `aborted`: by `abort-fetch`.
   * `ttfbMs` and `elapsedMs` feed the estimate of what the origin needs. `retryAfterMs`: it asks not to be asked again
   * before (default: it does not say).
   */
  | {
      readonly type: 'origin-ended';
      readonly fetch: FetchId;
      readonly outcome: 'ok' | 'mismatch' | 'failed' | 'aborted';
      readonly bytes: number;
      readonly ttfbMs: Millis;
      readonly elapsedMs: Millis;
      readonly retryAfterMs?: Millis;
    }
  /** A `fetch-list` is over. What it brought was told before, as an `announced` without injectors. */
  | { readonly type: 'list-ended'; readonly segment: SegmentId }
  /* from the player */
  /**
   * `deadline`: when the playhead reaches the segment, on the host's clock; at or before now: at once.
   * `mayClimb`: there is a higher level that the player would take if the origin proved fast enough (default: none).
   */
  | {
      readonly type: 'want';
      readonly want: WantId;
      readonly segment: SegmentId;
      readonly durationMs: Millis;
      readonly deadline: Millis;
      readonly mayClimb?: boolean;
    }
  | { readonly type: 'unwant'; readonly want: WantId }
  /** The playhead moved otherwise than by playing (pause, seek, stall): a want's deadline is another. */
  | { readonly type: 'deadline'; readonly want: WantId; readonly deadline: Millis }
  /** The player shows a picture: from now on making links costs it nothing. Telling it again does no harm. */
  | { readonly type: 'playing' }
  /** The renditions that the player follows now: their new segments are taken as they are announced. */
  | { readonly type: 'following'; readonly renditions: readonly RenditionId[] }
  /* from the viewer and the machine */
  /** Whether this viewer may give: consent, Save-Data, cellular, battery. */
  | { readonly type: 'uploads'; readonly allowed: boolean }
  /** Time passed; due whenever `wakeAt` is reached. */
  | { readonly type: 'tick' }
  /** The viewer leaves: say goodbye. */
  | { readonly type: 'leave' };
