import { type PeerId, type SegmentKey, segmentKey } from '@freshet/protocol';
import type { FetchId, PeerCommand } from '@freshet/swarm';
import type { PeerHost } from '@freshet/simulator';
import type { LabOrigin, LabTransfer } from '../network/lab-origin.ts';

interface Running {
  readonly transfer: LabTransfer;
  readonly key: SegmentKey;
  /** Pieces that arrived before the piece list. */
  readonly unverified: number[];
}

/** A viewer's transfers from the origin: verifies pieces against the piece list, and tells the core. */
export class ViewerFetches {
  readonly #self: PeerId;
  readonly #origin: LabOrigin;
  readonly #host: PeerHost;
  readonly #running = new Map<FetchId, Running>();

  constructor(self: PeerId, origin: LabOrigin, host: PeerHost) {
    this.#self = self;
    this.#origin = origin;
    this.#host = host;
  }

  start({ fetch, segment, span }: Extract<PeerCommand, { type: 'fetch' }>): void {
    const key = segmentKey(segment);
    const unverified: number[] = [];
    const transfer = this.#origin.fetch(this.#self, key, span, {
      piece: (piece) => {
        if (this.#host.store.isAnnounced(key)) this.#verified(fetch, key, piece);
        else unverified.push(piece);
      },
      ended: ({ outcome, bytes, ttfbMs, elapsedMs }) => {
        this.#running.delete(fetch);
        this.#host.tell({ type: 'origin-ended', fetch, outcome, bytes, ttfbMs, elapsedMs });
      },
    });
    this.#running.set(fetch, { transfer, key, unverified });
  }

  abort(fetch: FetchId): void {
    this.#running.get(fetch)?.transfer.abort();
  }

  /** The piece list arrived during a transfer. Pieces that are already here can be verified now. */
  announced(key: SegmentKey): void {
    for (const [fetch, { key: of, unverified }] of this.#running) {
      if (of !== key) continue;
      for (const piece of unverified.splice(0)) this.#verified(fetch, key, piece);
    }
  }

  stop(): void {
    for (const { transfer } of [...this.#running.values()]) transfer.end('aborted');
  }

  #verified(fetch: FetchId, key: SegmentKey, piece: number): void {
    this.#host.store.put(key, piece);
    this.#host.tell({ type: 'origin-piece', fetch, piece });
  }
}
