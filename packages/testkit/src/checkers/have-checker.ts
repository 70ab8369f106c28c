import { type Millis, type PeerId, segmentKey, type SegmentKey } from '@freshet/protocol';
import type { PeerCommand, PeerEvent } from '@freshet/swarm';
import type { ObservedViewer } from '../lab/lab-observer.ts';
import { Checker, PerViewer } from './checker.ts';

const MAX_HAVES = 4;

/** `have` names only stored pieces, and a neighbour is sent it at most four times a segment (PROTOCOL.md, B3). */
export class HaveChecker extends Checker {
  readonly #told = new PerViewer(() => new Map<PeerId, Map<SegmentKey, number>>());

  told(viewer: ObservedViewer, event: PeerEvent): void {
    if (event.type === 'link-closed' || event.type === 'link-open') this.#told.of(viewer).delete(event.peer);
  }

  decided(viewer: ObservedViewer, command: PeerCommand, now: Millis): void {
    // A forgotten segment may be held and announced anew.
    if (command.type === 'forget')
      for (const segments of this.#told.of(viewer).values()) segments.delete(command.segment);
    if (command.type !== 'send' || command.frame.type !== 'have') return;
    const { peer, frame } = command;
    const key = segmentKey(frame.segment);
    for (const piece of frame.pieces) {
      if (viewer.holds(key, piece)) continue;
      this.breach(viewer, now, `says it has piece ${piece} of ${key}, and has not`);
      break;
    }
    const toPeer = this.#told.of(viewer).get(peer) ?? new Map<SegmentKey, number>();
    this.#told.of(viewer).set(peer, toPeer);
    // A withdrawal restarts the count.
    const times = frame.pieces.size === 0 ? 0 : (toPeer.get(key) ?? 0) + 1;
    toPeer.set(key, times);
    if (times > MAX_HAVES) this.breach(viewer, now, `tells ${peer} ${times} times what it has of ${key}`);
  }
}
