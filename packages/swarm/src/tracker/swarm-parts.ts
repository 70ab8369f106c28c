import type { PeerId, RenditionId } from '@freshet/protocol';
import type { Cell } from './cell.ts';
import type { CellPart } from './cell-parts.ts';
import type { TrackedPeer } from './tracked-peer.ts';

/** Parts of cells that are linked with one another: pieces that enter here reach all of it, and nobody else. */
export interface SwarmPart {
  readonly cellParts: readonly CellPart[];
  readonly givers: number;
  readonly takers: number;
}

export interface SwarmParts {
  /** Largest first. */
  readonly parts: readonly SwarmPart[];
  /** Viewers that only take and have nobody who gives. */
  readonly stranded: readonly TrackedPeer[];
}

/** Joins the cells' parts over the links between cells. Costs a step for each cell and each such link, not for each viewer. */
export function swarmParts(
  cells: Iterable<Cell>,
  rendition: RenditionId,
  find: (peer: PeerId) => TrackedPeer | undefined,
): SwarmParts {
  const sets = new DisjointSets<CellPart>();
  const partOf = (id: PeerId) => find(id)?.cell?.parts(rendition).partOf.get(id);
  const extraTakers = new Map<CellPart, number>();
  const stranded: TrackedPeer[] = [];
  for (const cell of cells) {
    const { parts, loose } = cell.parts(rendition);
    for (const part of parts) {
      sets.add(part);
      for (const id of part.ways) {
        const other = partOf(id);
        if (other !== undefined) sets.join(part, other);
      }
    }
    for (const taker of loose) {
      const giver = first(taker.neighbours, partOf);
      if (giver === undefined) stranded.push(taker);
      else extraTakers.set(giver, (extraTakers.get(giver) ?? 0) + 1);
    }
  }
  const parts = sets.all().map((members) => ({
    cellParts: members,
    givers: sum(members, ({ givers }) => givers.length),
    takers: sum(members, (part) => part.takers + (extraTakers.get(part) ?? 0)),
  }));
  return { parts: parts.sort((a, b) => sizeOf(b) - sizeOf(a)), stranded };
}

export function sizeOf({ givers, takers }: SwarmPart): number {
  return givers + takers;
}

/** Union-find with path halving. */
class DisjointSets<T> {
  readonly #parent = new Map<T, T>();

  add(item: T): void {
    if (!this.#parent.has(item)) this.#parent.set(item, item);
  }

  join(a: T, b: T): void {
    this.add(a);
    this.add(b);
    const [rootA, rootB] = [this.#root(a), this.#root(b)];
    if (rootA !== rootB) this.#parent.set(rootA, rootB);
  }

  all(): readonly (readonly T[])[] {
    const sets = new Map<T, T[]>();
    for (const item of this.#parent.keys()) {
      const root = this.#root(item);
      const set = sets.get(root);
      if (set === undefined) sets.set(root, [item]);
      else set.push(item);
    }
    return [...sets.values()];
  }

  #root(item: T): T {
    let at = item;
    for (;;) {
      const up = this.#parent.get(at) ?? at;
      if (up === at) return at;
      const above = this.#parent.get(up) ?? up;
      this.#parent.set(at, above);
      at = above;
    }
  }
}

function first<T, R>(items: Iterable<T>, of: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const found = of(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
