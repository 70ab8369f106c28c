import { type Millis, type PeerId, segmentKey, type SegmentKey } from '@freshet/protocol';
import type { PeerCommand, PeerEvent } from '@freshet/swarm';
import type { ObservedViewer } from '../lab/lab-observer.ts';
import { Checker, PerViewer } from './checker.ts';

/** The side that asks: only for pieces that it lacks, of neighbours that said they have them (PROTOCOL.md, B6). */
export class RequestChecker extends Checker {
  readonly #known = new PerViewer(() => new Map<PeerId, Map<SegmentKey, Set<number>>>());

  told(viewer: ObservedViewer, event: PeerEvent): void {
    const known = this.#known.of(viewer);
    if (event.type === 'link-closed' || event.type === 'link-open') known.delete(event.peer);
    if (event.type !== 'frame') return;
    const { peer, frame } = event;
    const ofPeer = known.get(peer) ?? new Map<SegmentKey, Set<number>>();
    known.set(peer, ofPeer);
    if (frame.type === 'have') ofPeer.set(segmentKey(frame.segment), new Set(frame.pieces));
    if (frame.type === 'reject' && frame.reason === 'absent')
      for (const piece of frame.pieces) ofPeer.get(segmentKey(frame.segment))?.delete(piece);
  }

  decided(viewer: ObservedViewer, command: PeerCommand, now: Millis): void {
    if (command.type === 'fetch' && command.span !== undefined) {
      const key = segmentKey(command.segment);
      for (let piece = command.span.first; piece <= command.span.last; piece++)
        if (viewer.holds(key, piece))
          this.breach(viewer, now, `fetches piece ${piece} of ${key}, which it has`);
    }
    if (command.type !== 'send' || command.frame.type !== 'request') return;
    const { peer, frame } = command;
    const key = segmentKey(frame.segment);
    if (frame.pieces.size === 0) this.breach(viewer, now, `asks ${peer} for nothing`);
    const has = this.#known.of(viewer).get(peer)?.get(key);
    for (const piece of frame.pieces) {
      if (has?.has(piece) !== true)
        this.breach(viewer, now, `asks ${peer} for piece ${piece} of ${key}, which it never offered`);
      if (viewer.holds(key, piece))
        this.breach(viewer, now, `asks ${peer} for piece ${piece} of ${key}, which it has itself`);
    }
  }
}
