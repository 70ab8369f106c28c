import type { PeerId, RenditionId } from '@freshet/protocol';
import type { Cell } from './cell.ts';
import { type CellComponent, cellComponents } from './cell-components.ts';
import type { TrackedPeer } from './tracked-peer.ts';

/**
 * Cell components that are linked with one another: a piece that enters one of them reaches all of these viewers and no
 * others.
 */
export interface SwarmComponent {
  readonly cellComponents: readonly CellComponent[];
  readonly givers: number;
  readonly takers: number;
}

export interface SwarmComponents {
  /** Largest first. */
  readonly components: readonly SwarmComponent[];
  /** Download-only viewers without an uploading neighbour. */
  readonly stranded: readonly TrackedPeer[];
}

/**
 * Joins the cells' components over the links between cells. Costs a step for each cell and each such link, not for each
 * viewer.
 * @param cellOf the cell of a viewer; undefined when the viewer has left
 */
export function swarmComponents(
  cells: Iterable<Cell>,
  rendition: RenditionId,
  cellOf: (peer: PeerId) => Cell | undefined,
): SwarmComponents {
  const sets = new DisjointSets<CellComponent>();
  const componentOf = (id: PeerId) => {
    const cell = cellOf(id);
    return cell && cellComponents(cell, rendition).componentOf.get(id);
  };
  const extraTakers = new Map<CellComponent, number>();
  const stranded: TrackedPeer[] = [];
  for (const cell of cells) {
    const { components: own, loose } = cellComponents(cell, rendition);
    for (const component of own) {
      sets.add(component);
      for (const id of component.ways) {
        const other = componentOf(id);
        if (other !== undefined) sets.join(component, other);
      }
    }
    for (const taker of loose) {
      const giver = first(taker.neighbours, componentOf);
      if (giver === undefined) stranded.push(taker);
      else extraTakers.set(giver, (extraTakers.get(giver) ?? 0) + 1);
    }
  }
  const components = sets.all().map((members) => ({
    cellComponents: members,
    givers: sum(members, ({ givers }) => givers.length),
    takers: sum(members, (component) => component.takers + (extraTakers.get(component) ?? 0)),
  }));
  return { components: components.sort((a, b) => sizeOf(b) - sizeOf(a)), stranded };
}

export function sizeOf({ givers, takers }: SwarmComponent): number {
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
