import type { ControlFrame, Millis, PeerId, SegmentId, SegmentKey } from '@freshet/protocol';
import type { FetchId, WantId } from './peer-event.ts';

/** What a viewer's host is told to do. It carries them out in order and brings the outcome back as events. */
export type PeerCommand =
  /** Open a link; `initiator`: make the offer, else await it. Answered by `link-open` or `link-closed`. */
  | { readonly type: 'dial'; readonly peer: PeerId; readonly initiator: boolean }
  /** Close a link, or give up dialling. Answered by `link-closed`. */
  | { readonly type: 'hang-up'; readonly peer: PeerId; readonly why: HangUpReason }
  | { readonly type: 'send'; readonly peer: PeerId; readonly frame: ControlFrame }
  /**
   * Send a stored piece as frames, at the pace, after the pieces that were handed over before, but for those whose link
   * takes nothing now. Answered by `piece-sent`, unless the link closes first. `backlogMs` goes into the frames.
   */
  | {
      readonly type: 'send-piece';
      readonly peer: PeerId;
      readonly segment: SegmentKey;
      readonly piece: number;
      readonly backlogMs: Millis;
    }
  /** Send no more of a piece that was handed over. No `piece-sent` answers. */
  | {
      readonly type: 'recall-piece';
      readonly peer: PeerId;
      readonly segment: SegmentKey;
      readonly piece: number;
    }
  /** From now on frames of pieces leave at this rate, over all links together. */
  | { readonly type: 'pace'; readonly bytesPerMs: number }
  /**
   * Take pieces `first` to `last` (inclusive) of a segment from the origin, by Range. Without a span: the whole
   * segment, whose size is not known yet. Pieces that verify come back as `origin-piece`, also when the piece list
   * arrives only in the middle of the transfer.
   */
  | {
      readonly type: 'fetch';
      readonly fetch: FetchId;
      readonly segment: SegmentId;
      readonly span?: { readonly first: number; readonly last: number };
    }
  | { readonly type: 'abort-fetch'; readonly fetch: FetchId }
  /** Take a segment's piece list from the origin. Answered by `announced`, if there is one, and one `list-ended`. */
  | { readonly type: 'fetch-list'; readonly segment: SegmentId }
  /** The segment is complete: in the store, or (`fetch` given) as the body of that unverified whole-segment transfer. */
  | {
      readonly type: 'deliver';
      readonly want: WantId;
      readonly segment: SegmentKey;
      readonly fetch?: FetchId;
    }
  /** Neither the swarm nor the origin has it: the player's own retry policy takes over. */
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
