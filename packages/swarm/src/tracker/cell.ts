import type { PeerId, RenditionId } from '@freshet/protocol';
import { type CellParts, cellParts } from './cell-parts.ts';
import type { TrackedPeer } from './tracked-peer.ts';

/**
 * Viewers that are introduced to one another first. What is costly to know of a swarm is worked out per cell, and kept
 * until somebody in it comes, goes or reports other links.
 */
export class Cell {
  readonly members = new Map<PeerId, TrackedPeer>();
  /** Introductions made here so far: every few of them lead out of the cell. */
  introductions = 0;
  /** Bytes injected here per viewer: the next copy goes to the cell with the least. */
  turn = 0;
  readonly #parts = new Map<RenditionId, CellParts>();

  get size(): number {
    return this.members.size;
  }

  add(peer: TrackedPeer): void {
    this.members.set(peer.id, peer);
    peer.cell = this;
    this.changed();
  }

  remove(peer: TrackedPeer): void {
    this.members.delete(peer.id);
    peer.cell = undefined;
    this.changed();
  }

  /** A member's links, renditions or willingness are others. */
  changed(): void {
    this.#parts.clear();
  }

  parts(rendition: RenditionId): CellParts {
    let parts = this.#parts.get(rendition);
    if (parts === undefined) this.#parts.set(rendition, (parts = cellParts(this, rendition)));
    return parts;
  }
}
