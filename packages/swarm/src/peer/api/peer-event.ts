import type {
  ControlFrame,
  Millis,
  PeerId,
  Policy,
  RenditionId,
  SegmentId,
  SegmentKey,
} from '@freshet/protocol';

/** A request of the player, numbered by the host. Answered by exactly one `deliver` or `fail`, unless withdrawn. */
export type WantId = number;
/** A transfer from the origin, numbered by the core. Ends with exactly one `origin-ended`, also when aborted. */
export type FetchId = number;

/** An announcement without the hashes, which stay in the host. */
export interface SegmentNotice {
  readonly segment: SegmentId;
  readonly bytes: number;
  readonly durationMs: Millis;
  readonly injectors: readonly { readonly peer: PeerId; readonly first: number; readonly count: number }[];
}

/** How pieces arrived at a neighbour, by its own report, with the host's notes from sending them. */
export interface Feedback {
  /** When the fastest frame since the last feedback was sent, on this viewer's clock. */
  readonly sentAt: Millis;
  /** How long that frame took, relative to the link's own zero point. */
  readonly delay: Millis;
  /** Bytes of pieces sent by `sentAt`, over all links. */
  readonly sentBytes: number;
  /** Incremented when the pacer had nothing to send for a while: throughput is measured within one run only. */
  readonly run: number;
  /** How long the frame waited in its channel, whose congestion window was full; 0 or none: not at all. */
  readonly heldMs?: Millis;
}

/**
 * Everything that can happen to a viewer. The host passes each event with the time on its own monotonic clock.
 * Messages of other peers are decoded already, but not trusted.
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
   * A frame of a requested piece arrived, and the piece is not complete yet: the neighbour is not silent.
   * `backlogMs`: the neighbour's backlog from the frame, as in `have`.
   */
  | {
      readonly type: 'piece-progress';
      readonly peer: PeerId;
      readonly segment: SegmentKey;
      readonly piece: number;
      readonly backlogMs: Millis;
    }
  /**
   * A whole piece arrived. `good`: it matches the piece list and is stored; `bad`: it does not match and was dropped;
   * `spare`: it matches but was held already.
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
  /** How pieces arrive at a neighbour: its `feedback` frame with the host's notes from sending the pieces. */
  | { readonly type: 'feedback'; readonly peer: PeerId; readonly feedback: Feedback }
  /** A message that no honest peer sends: undecodable, a piece never requested, a bitmap of the wrong length. */
  | { readonly type: 'misbehaved'; readonly peer: PeerId; readonly what: string }
  /* from the origin */
  /** A piece of a fetch is complete, matches the piece list and is stored. */
  | { readonly type: 'origin-piece'; readonly fetch: FetchId; readonly piece: number }
  /**
   * `ok`: every requested byte arrived. `mismatch`: they arrived, but do not match the piece list (the host plays them
   * and stores nothing). `failed`: error status, broken off or timed out. `aborted`: by `abort-fetch`.
   * `ttfbMs` and `elapsedMs` feed the estimate of the origin's time. `retryAfterMs`: the origin's Retry-After (default:
   * none).
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
  /** A `fetch-list` has ended. Its list was reported before, as an `announced` without injectors. */
  | { readonly type: 'list-ended'; readonly segment: SegmentId }
  /* from the player */
  /**
   * `deadline`: when the playhead reaches the segment, on the host's clock; at or before now: at once.
   * `mayClimb`: there is a higher level that the player would choose if the origin is fast enough (default: none).
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
  /** A pause, seek or stall moved the deadline of a want. */
  | { readonly type: 'deadline'; readonly want: WantId; readonly deadline: Millis }
  /** The player shows a picture: from now on making links costs it nothing. Repeating the event does no harm. */
  | { readonly type: 'playing' }
  /** The renditions that the player follows now: their new segments are fetched when they are announced. */
  | { readonly type: 'following'; readonly renditions: readonly RenditionId[] }
  /* from the viewer and the machine */
  /** Whether this viewer may upload: consent, Save-Data, cellular, battery. */
  | { readonly type: 'uploads'; readonly allowed: boolean }
  /** `wakeAt` is reached. */
  | { readonly type: 'tick' }
  /** The viewer leaves. */
  | { readonly type: 'leave' };

/** Each of these events affects one segment at most; all others are rare. */
export type FrequentType =
  | 'announced'
  | 'frame'
  | 'piece-progress'
  | 'piece-arrived'
  | 'piece-sent'
  | 'feedback'
  | 'origin-piece'
  | 'tick';
