import type { Millis, PeerId, Policy, SegmentKey } from '@freshet/protocol';
import type { PeerCommand, PeerCore, PeerEvent } from '@freshet/swarm';

/** A core under test, or a scripted one in its place. */
export type PeerBrain = Pick<PeerCore, 'handle' | 'wakeAt' | 'neighbours' | 'seeking' | 'uploading'> &
  Partial<Pick<PeerCore, 'uplinkKbps' | 'lateInjections'>>;

/** A viewer as observers see it: the facts on the host's side of the core. */
export interface ObservedViewer {
  readonly id: PeerId;
  readonly brain: PeerBrain;
  /** As last sent by the tracker. */
  readonly policy: Policy;
  /** Whether the store has a verified piece. */
  holds(segment: SegmentKey, piece: number): boolean;
  /** Whether the store has all pieces of a segment. */
  holdsAll(segment: SegmentKey): boolean;
}

/** Observes all events and commands of the cores. Never interferes. */
export interface LabObserver {
  /** Called before the core handles the event. */
  told?(viewer: ObservedViewer, event: PeerEvent, now: Millis): void;
  /** Called before the host carries out the command. */
  decided?(viewer: ObservedViewer, command: PeerCommand, now: Millis): void;
  /** Called after all commands of one event were carried out. */
  settled?(viewer: ObservedViewer, now: Millis): void;
  /** Called when the viewer is gone. Nothing more is expected of it. */
  left?(viewer: ObservedViewer, now: Millis): void;
}
