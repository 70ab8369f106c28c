import type { PeerId, RenditionId, SegmentId, SegmentKey } from '@freshet/protocol';

/** Everything that can happen to one stream's swarm, as its tracker sees it. Already validated in form, not believed. */
export type TrackerEvent =
  /** A viewer joined, or came back under its old id with `neighbours` still linked. */
  | {
      readonly type: 'peer-joined';
      readonly peer: PeerId;
      readonly neighbours: readonly PeerId[];
      readonly renditions: readonly RenditionId[];
      readonly uploads: boolean;
      /**
       * Where the viewer is, from wide to narrow, in levels separated by `/`, as `provider/network`: the more of them two
       * viewers share, the sooner they meet. The names mean nothing here. Without it: anywhere.
       */
      readonly locality?: string;
    }
  | { readonly type: 'peer-left'; readonly peer: PeerId }
  | {
      readonly type: 'peer-reported';
      readonly peer: PeerId;
      readonly neighbours: readonly PeerId[];
      readonly renditions: readonly RenditionId[];
      readonly uploads: boolean;
      readonly seeking: boolean;
      /** Measured uplink. */
      readonly uplinkKbps?: number;
      /** Pieces that it was asked to inject and did not have in time, since it joined. */
      readonly lateInjections?: number;
    }
  | {
      readonly type: 'pollution-reported';
      readonly by: PeerId;
      readonly peer: PeerId;
      readonly segment: SegmentKey;
      readonly piece: number;
    }
  /** A segment entered the buffer. */
  | {
      readonly type: 'segment-published';
      readonly segment: SegmentId;
      readonly bytes: number;
      readonly durationMs: number;
    }
  | { readonly type: 'tick' };

export type TrackerCommand =
  /** Tell `to` of `peer`. Both sides are told, in one batch. */
  | { readonly type: 'introduce'; readonly to: PeerId; readonly peer: PeerId; readonly dial: boolean }
  /**
   * Tell every viewer of the segment and of who takes what from the origin. Once more, with other injectors, when one
   * of them left.
   */
  | {
      readonly type: 'announce';
      readonly segment: SegmentId;
      readonly bytes: number;
      readonly durationMs: number;
      readonly injectors: readonly Injector[];
    }
  /** Tell `to` to drop `peer`. */
  | { readonly type: 'expel'; readonly to: PeerId; readonly peer: PeerId }
  /** Corroborated polluter: close its connection and refuse its id. */
  | { readonly type: 'ban'; readonly peer: PeerId };

/** Takes `count` pieces from `first` from the origin. */
export interface Injector {
  readonly peer: PeerId;
  readonly first: number;
  readonly count: number;
}
