import type { ControlFrame, Millis, PeerId, SegmentId, SegmentKey } from '@freshet/protocol';
import type { FetchId, WantId } from './peer-event.ts';

/** A command to a viewer's host, which runs commands in order and reports their outcome as events. */
export type PeerCommand =
  /** Open a link; `initiator`: make the offer, else await it. Answered by `link-open` or `link-closed`. */
  | { readonly type: 'dial'; readonly peer: PeerId; readonly initiator: boolean }
  /** Close a link, or give up dialling. Answered by `link-closed`. */
  | { readonly type: 'hang-up'; readonly peer: PeerId; readonly why: HangUpReason }
  | { readonly type: 'send'; readonly peer: PeerId; readonly frame: ControlFrame }
  /**
   * Send a stored piece as frames, at the pace, after the pieces of earlier commands, except those whose link accepts
   * nothing now. Answered by `piece-sent`, unless the link closes first. `backlogMs` goes into the frames.
   */
  | {
      readonly type: 'send-piece';
      readonly peer: PeerId;
      readonly segment: SegmentKey;
      readonly piece: number;
      readonly backlogMs: Millis;
    }
  /** Stop sending a piece of an earlier `send-piece`. Not answered by `piece-sent`. */
  | {
      readonly type: 'recall-piece';
      readonly peer: PeerId;
      readonly segment: SegmentKey;
      readonly piece: number;
    }
  /** From now on send frames of pieces at this rate, over all links together. */
  | { readonly type: 'pace'; readonly bytesPerMs: number }
  /**
   * Fetch pieces `first` to `last` (inclusive) of a segment from the origin, by Range. Without a span: the whole
   * segment, whose size is not known yet. Verified pieces are reported as `origin-piece`, also when the piece list
   * arrives only in the middle of the transfer.
   */
  | {
      readonly type: 'fetch';
      readonly fetch: FetchId;
      readonly segment: SegmentId;
      readonly span?: { readonly first: number; readonly last: number };
    }
  | { readonly type: 'abort-fetch'; readonly fetch: FetchId }
  /** Fetch a segment's piece list from the origin. Answered by `announced`, if there is a list, and `list-ended`. */
  | { readonly type: 'fetch-list'; readonly segment: SegmentId }
  /** The segment is complete: in the store, or, with `fetch`, as the body of that unverified whole-segment transfer. */
  | {
      readonly type: 'deliver';
      readonly want: WantId;
      readonly segment: SegmentKey;
      readonly fetch?: FetchId;
    }
  /** Neither the swarm nor the origin can deliver it: the player's own retry policy takes over. */
  | { readonly type: 'fail'; readonly want: WantId; readonly segment: SegmentKey }
  /** Drop a segment's bytes and piece list. */
  | { readonly type: 'forget'; readonly segment: SegmentKey }
  /** Tell the tracker that a neighbour sent a bad piece. */
  | {
      readonly type: 'report-pollution';
      readonly peer: PeerId;
      readonly segment: SegmentId;
      readonly piece: number;
    };

export type HangUpReason =
  'pollution' | 'misbehaviour' | 'expelled' | 'silent' | 'idle' | 'replaced' | 'policy' | 'leaving';
