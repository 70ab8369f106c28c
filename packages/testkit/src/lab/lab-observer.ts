import type { Millis, PeerId, Policy, SegmentKey } from '@freshet/protocol';
import type { PeerCommand, PeerCore, PeerEvent } from '@freshet/swarm';

/** A core under test, or a scripted one in its place. */
export type PeerBrain = Pick<PeerCore, 'handle' | 'wakeAt' | 'neighbours' | 'seeking' | 'uploading'> &
  Partial<Pick<PeerCore, 'uplinkKbps' | 'lateInjections'>>;

/** What an observer may know of a viewer: the facts on the host's side of the core. */
export interface ObservedViewer {
  readonly id: PeerId;
  readonly brain: PeerBrain;
  /** As last pushed by the tracker. */
  readonly policy: Policy;
  /** Whether the store has a verified piece. */
  holds(segment: SegmentKey, piece: number): boolean;
  /** Whether it has all of them. */
  holdsAll(segment: SegmentKey): boolean;
}

/** Sees everything that goes into the cores and comes out. Never interferes. */
export interface LabObserver {
  /** Before the core is given the event. */
  told?(viewer: ObservedViewer, event: PeerEvent, now: Millis): void;
  /** Before the host carries the command out. */
  decided?(viewer: ObservedViewer, command: PeerCommand, now: Millis): void;
  /** After all commands of one event were carried out. */
  settled?(viewer: ObservedViewer, now: Millis): void;
  /** The viewer is gone: nothing of it is to be expected any more. */
  left?(viewer: ObservedViewer, now: Millis): void;
}
