import type { PeerId, RenditionId } from '@freshet/protocol';
import type { Cell } from './cell.ts';
import type { TrackedPeer } from './tracked-peer.ts';

/**
 * Followers of a rendition in one cell that are connected by links between uploading viewers, so that pieces spread
 * among them.
 */
export interface CellComponent {
  readonly cell: Cell;
  readonly givers: readonly TrackedPeer[];
  /** The number of download-only viewers linked to one of the givers. */
  readonly takers: number;
  /** The givers' neighbours that are not in the cell. */
  readonly ways: readonly PeerId[];
}

export interface CellComponents {
  readonly components: readonly CellComponent[];
  /** The component of each giver. */
  readonly componentOf: ReadonlyMap<PeerId, CellComponent>;
  /** Download-only viewers without an uploading neighbour in the cell. */
  readonly loose: readonly TrackedPeer[];
}

interface Kept {
  readonly version: number;
  readonly components: Map<RenditionId, CellComponents>;
}

/** Caches the costly results of each cell until the cell changes. */
const kept = new WeakMap<Cell, Kept>();

/** A link counts when one end reports it: the other end's report may be a second behind. */
export function cellComponents(cell: Cell, rendition: RenditionId): CellComponents {
  let of = kept.get(cell);
  if (of?.version !== cell.version) kept.set(cell, (of = { version: cell.version, components: new Map() }));
  let components = of.components.get(rendition);
  if (components === undefined) of.components.set(rendition, (components = findComponents(cell, rendition)));
  return components;
}

function findComponents(cell: Cell, rendition: RenditionId): CellComponents {
  const followers = [...cell.members.values()].filter((peer) => peer.follows(rendition));
  const ways = linksWithin(followers);
  const components: CellComponent[] = [];
  const componentOf = new Map<PeerId, CellComponent>();
  const fed = new Set<TrackedPeer>();
  for (const start of followers) {
    if (!start.uploads || componentOf.has(start.id)) continue;
    const givers = [start];
    const out: PeerId[] = [];
    const component = { cell, givers, takers: 0, ways: out };
    componentOf.set(start.id, component);
    // `givers` grows during the loop: it is the queue of a breadth-first search.
    for (const giver of givers) {
      for (const other of ways.get(giver) ?? []) {
        if (!other.uploads) {
          if (!fed.has(other)) component.takers++;
          fed.add(other);
        } else if (!componentOf.has(other.id)) {
          componentOf.set(other.id, component);
          givers.push(other);
        }
      }
      for (const id of giver.neighbours) if (!cell.members.has(id)) out.push(id);
    }
    components.push(component);
  }
  return { components, componentOf, loose: followers.filter((peer) => !peer.uploads && !fed.has(peer)) };
}

function linksWithin(followers: readonly TrackedPeer[]): ReadonlyMap<TrackedPeer, readonly TrackedPeer[]> {
  const byId = new Map(followers.map((peer) => [peer.id, peer]));
  const links = new Map<TrackedPeer, TrackedPeer[]>(followers.map((peer) => [peer, []]));
  for (const peer of followers) {
    for (const id of peer.neighbours) {
      const other = byId.get(id);
      if (other === undefined) continue;
      links.get(peer)?.push(other);
      links.get(other)?.push(peer);
    }
  }
  return links;
}
