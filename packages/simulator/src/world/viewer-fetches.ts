import { type SegmentId, segmentKey } from '@freshet/protocol';
import type { PeerCommand } from '@freshet/swarm';
import type { VirtualClock } from '../clock/virtual-clock.ts';
import type { PeerHost } from '../host/peer-host.ts';
import type { Connections } from '../origin/connections.ts';
import type { OriginFetch } from '../origin/origin-fetch.ts';
import type { Origin } from '../origin/origin.ts';
import type { Programme } from '../source/programme.ts';
import { noticeOf } from '../source/source-segment.ts';

interface World {
  readonly clock: VirtualClock;
  readonly programme: Programme;
  readonly origin: Origin;
}

/** A viewer's requests to the origin for its core: pieces, whole segments and piece lists. */
export class ViewerFetches {
  readonly #world: World;
  readonly #connections: Connections;
  readonly #host: PeerHost;
  readonly #fetches = new Map<number, OriginFetch>();

  constructor(world: World, connections: Connections, host: PeerHost) {
    this.#world = world;
    this.#connections = connections;
    this.#host = host;
  }

  start({ fetch, segment, span }: Extract<PeerCommand, { type: 'fetch' }>): void {
    const { origin, programme } = this.#world;
    const key = segmentKey(segment);
    const listed = programme.windowOf(segment.rendition).find((candidate) => candidate.key === key);
    const running = origin.fetch(this.#connections, listed, span, {
      piece: (piece) => {
        if (!this.#host.store.isAnnounced(key)) return;
        this.#host.store.put(key, piece);
        this.#host.tell({ type: 'origin-piece', fetch, piece });
      },
      ended: (end) => {
        this.#fetches.delete(fetch);
        this.#host.tell({ type: 'origin-ended', fetch, ...end });
      },
    });
    this.#fetches.set(fetch, running);
  }

  abort(fetch: number): void {
    this.#world.clock.after(0, () => {
      this.#fetches.get(fetch)?.end('aborted');
    });
  }

  abortAll(): void {
    for (const fetch of [...this.#fetches.values()]) fetch.end('aborted');
  }

  list(segment: SegmentId): void {
    const { clock, origin, programme } = this.#world;
    const key = segmentKey(segment);
    clock.at(this.#connections.ask(), () => {
      const listed = programme.windowOf(segment.rendition).find((candidate) => candidate.key === key);
      if (origin.isUp && listed !== undefined && !this.#host.store.isAnnounced(key)) {
        this.#host.store.announce(key, listed.bytes);
        this.#host.tell({ type: 'announced', notice: noticeOf(listed) });
      }
      this.#host.tell({ type: 'list-ended', segment });
    });
  }
}
