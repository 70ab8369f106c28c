import type { PeerId } from '@freshet/protocol';
import type { TrackedPeer } from './tracked-peer.ts';

/** Viewers that are introduced to one another first. */
export class Cell {
  readonly members = new Map<PeerId, TrackedPeer>();
  /** Introductions made here so far: every few of them lead out of the cell. */
  introductions = 0;
  /** Bytes injected here per viewer: the next copy goes to the cell with the least. */
  injectionLoad = 0;
  #version = 0;

  get size(): number {
    return this.members.size;
  }

  /** Grows with every change: what was worked out of the cell holds until then. */
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

  /** A member's links, renditions or willingness are others. */
  changed(): void {
    this.#version++;
  }
}
