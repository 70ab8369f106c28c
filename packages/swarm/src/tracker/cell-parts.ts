import type { PeerId, RenditionId } from '@freshet/protocol';
import type { Cell } from './cell.ts';
import type { TrackedPeer } from './tracked-peer.ts';

/** Followers of a rendition in one cell between whom its pieces can spread: a way of links over viewers that give. */
export interface CellPart {
  readonly cell: Cell;
  readonly givers: readonly TrackedPeer[];
  /** Viewers that only take, linked to one of the givers. */
  readonly takers: number;
  /** The givers' neighbours that are not in the cell. */
  readonly ways: readonly PeerId[];
}

export interface CellParts {
  readonly parts: readonly CellPart[];
  /** The part that each giver is in. */
  readonly partOf: ReadonlyMap<PeerId, CellPart>;
  /** Viewers that only take, and to whom nobody in the cell gives. */
  readonly loose: readonly TrackedPeer[];
}

/** A link counts when one end reports it: the other's report may be a second behind. */
export function cellParts(cell: Cell, rendition: RenditionId): CellParts {
  const followers = [...cell.members.values()].filter((peer) => peer.follows(rendition));
  const ways = linksWithin(followers);
  const parts: CellPart[] = [];
  const partOf = new Map<PeerId, CellPart>();
  const fed = new Set<TrackedPeer>();
  for (const start of followers) {
    if (!start.uploads || partOf.has(start.id)) continue;
    const givers = [start];
    const out: PeerId[] = [];
    const part = { cell, givers, takers: 0, ways: out };
    partOf.set(start.id, part);
    // `givers` grows while it is walked: a queue.
    for (const giver of givers) {
      for (const other of ways.get(giver) ?? []) {
        if (!other.uploads) {
          if (!fed.has(other)) part.takers++;
          fed.add(other);
        } else if (!partOf.has(other.id)) {
          partOf.set(other.id, part);
          givers.push(other);
        }
      }
      for (const id of giver.neighbours) if (!cell.members.has(id)) out.push(id);
    }
    parts.push(part);
  }
  return { parts, partOf, loose: followers.filter((peer) => !peer.uploads && !fed.has(peer)) };
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
