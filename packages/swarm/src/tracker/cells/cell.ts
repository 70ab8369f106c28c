import type { PeerId } from '@freshet/protocol';
import type { TrackedPeer } from './tracked-peer.ts';

/** Viewers that are introduced to one another first. */
export class Cell {
  readonly members = new Map<PeerId, TrackedPeer>();
  /** Introductions made in this cell so far. A share of them leads out of the cell. */
  introductions = 0;
  /** Bytes injected in this cell for each of its givers. The next copy goes to the cell with the least. */
  injectionLoad = 0;
  #version = 0;

  get size(): number {
    return this.members.size;
  }

  /** Grows with every change. Cached results of the cell are valid for one version. */
  get version(): number {
    return this.#version;
  }

  add(peer: TrackedPeer): void {
    this.members.set(peer.id, peer);
    this.changed();
  }

  remove(peer: TrackedPeer): void {
    this.members.delete(peer.id);
    this.changed();
  }

  /** To be called when a member's links, renditions or uploading changed. */
  changed(): void {
    this.#version++;
  }
}
