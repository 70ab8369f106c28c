import { type Millis, type PeerId, segmentKey, type SegmentKey } from '@freshet/protocol';
import type { PeerCommand, PeerEvent } from '@freshet/swarm';
import type { ObservedViewer } from '../lab/lab-observer.ts';
import { Checker, PerViewer } from './checker.ts';

/**
 * The requesting side: requests only pieces that it lacks, from neighbours that said that they have them, or that fetch
 * them from the origin by the tracker's announcement or their own (PROTOCOL.md, B6).
 */
export class RequestChecker extends Checker {
  readonly #known = new PerViewer(() => new Map<PeerId, Map<SegmentKey, Set<number>>>());
  readonly #promised = new PerViewer(() => new Set<string>());

  told(viewer: ObservedViewer, event: PeerEvent): void {
    const known = this.#known.of(viewer);
    if (event.type === 'link-closed' || event.type === 'link-open') known.delete(event.peer);
    if (event.type === 'announced')
      for (const { peer, first, count } of event.notice.injectors)
        this.#promise(viewer, peer, segmentKey(event.notice.segment), first, count);
    if (event.type !== 'frame') return;
    const { peer, frame } = event;
    const ofPeer = known.get(peer) ?? new Map<SegmentKey, Set<number>>();
    known.set(peer, ofPeer);
    if (frame.type === 'fetching')
      for (const piece of frame.pieces) this.#promise(viewer, peer, segmentKey(frame.segment), piece, 1);
    if (frame.type === 'have') ofPeer.set(segmentKey(frame.segment), new Set(frame.pieces));
    if (frame.type === 'reject' && frame.reason === 'absent')
      for (const piece of frame.pieces) {
        const key = segmentKey(frame.segment);
        ofPeer.get(key)?.delete(piece);
        this.#promised.of(viewer).delete(`${peer} ${key} ${piece}`);
      }
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
      if (has?.has(piece) !== true && !this.#promised.of(viewer).has(`${peer} ${key} ${piece}`))
        this.breach(viewer, now, `asks ${peer} for piece ${piece} of ${key}, which it never offered`);
      if (viewer.holds(key, piece))
        this.breach(viewer, now, `asks ${peer} for piece ${piece} of ${key}, which it has itself`);
    }
  }

  #promise(viewer: ObservedViewer, peer: PeerId, key: SegmentKey, first: number, count: number): void {
    for (let piece = first; piece < first + count; piece++)
      this.#promised.of(viewer).add(`${peer} ${key} ${piece}`);
  }
}
