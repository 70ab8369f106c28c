import type { Millis, PeerId, RenditionId, SegmentId, SegmentKey } from '@freshet/protocol';

/**
 * Everything that can happen to one stream's swarm, as its tracker sees it. The form is validated, the content is not
 * trusted.
 */
export type TrackerEvent =
  /** A viewer joined, or came back under its old id with links to `neighbours` still open. */
  | {
      readonly type: 'peer-joined';
      readonly peer: PeerId;
      readonly neighbours: readonly PeerId[];
      readonly renditions: readonly RenditionId[];
      readonly uploads: boolean;
      /**
       * The viewer's place, from wide to narrow, in levels separated by `/`, as `provider/network`. The more levels two
       * viewers share, the sooner they meet. The core does not interpret the names. Absent: no place known.
       */
      readonly locality?: string;
    }
  | { readonly type: 'peer-left'; readonly peer: PeerId }
  /** The viewer may no longer share: it leaves, and all links to it are closed. */
  | { readonly type: 'peer-expelled'; readonly peer: PeerId }
  | {
      readonly type: 'peer-reported';
      readonly peer: PeerId;
      readonly neighbours: readonly PeerId[];
      readonly renditions: readonly RenditionId[];
      readonly uploads: boolean;
      readonly seeking: boolean;
      /** Measured uplink. */
      readonly uplinkKbps?: number;
      /** The pieces that it was asked to inject and did not have in time, since it joined. */
      readonly lateInjections?: number;
    }
  | {
      readonly type: 'pollution-reported';
      readonly by: PeerId;
      readonly peer: PeerId;
      readonly segment: SegmentKey;
      readonly piece: number;
    }
  /** The broadcaster's rule for links changed. Links that are against it are closed by the viewers' new policy. */
  | { readonly type: 'rule-changed'; readonly sameNetwork: boolean }
  /** A segment entered the buffer. */
  | {
      readonly type: 'segment-published';
      readonly segment: SegmentId;
      readonly bytes: number;
      readonly durationMs: number;
    }
  | { readonly type: 'tick' };

export type TrackerCommand =
  /** Tell `to` about `peer`. Both sides are told, in one batch. */
  | { readonly type: 'introduce'; readonly to: PeerId; readonly peer: PeerId; readonly dial: boolean }
  /** Announce the segment and its injectors to every viewer. Repeated with other injectors when one of them left. */
  | {
      readonly type: 'announce';
      readonly segment: SegmentId;
      readonly bytes: number;
      readonly durationMs: number;
      readonly injectors: readonly Injector[];
    }
  /** Tell `to` to close its link to `peer`. */
  | { readonly type: 'expel'; readonly to: PeerId; readonly peer: PeerId }
  /** A confirmed polluter: close its connection, and refuse its id for this time. */
  | { readonly type: 'ban'; readonly peer: PeerId; readonly forMs: Millis };

/** A viewer that fetches `count` pieces, from `first` on, from the origin. */
export interface Injector {
  readonly peer: PeerId;
  readonly first: number;
  readonly count: number;
}
