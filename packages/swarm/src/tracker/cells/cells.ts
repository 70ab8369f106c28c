import type { PeerId } from '@freshet/protocol';
import { Bag } from './bag.ts';
import { Cell } from './cell.ts';
import { leavers } from './split-cell.ts';
import type { TrackedPeer } from './tracked-peer.ts';

/** A larger cell is split in two. */
export const CELL_MAX = 64;
/**
 * A smaller cell is merged into another, unless it is the only one. Well below half of CELL_MAX, so that cells are not
 * split and merged in turns.
 */
export const CELL_MIN = 16;
/** Cells drawn for a newcomer, or for a cell to merge with. The smallest of them is used. */
const DRAWS = 3;

/**
 * Divides a swarm into cells. A newcomer joins the cell of its neighbours, else a cell with viewers of its own network,
 * else of its wider place, else any cell. Each of these is found by drawing, at the same cost for any number of
 * viewers.
 */
export class Cells {
  readonly #cells = new Bag<Cell>();
  readonly #cellOf = new Map<PeerId, Cell>();
  /** Viewers at each place; '' is everywhere. A place without viewers has no entry. */
  readonly #places = new Map<string, Bag<TrackedPeer>>();
  readonly find: (peer: PeerId) => TrackedPeer | undefined;
  readonly #random: () => number;

  constructor(find: (peer: PeerId) => TrackedPeer | undefined, random: () => number) {
    this.find = find;
    this.#random = random;
  }

  get count(): number {
    return this.#cells.size;
  }

  get viewers(): number {
    return this.#places.get('')?.size ?? 0;
  }

  [Symbol.iterator](): IterableIterator<Cell> {
    return this.#cells[Symbol.iterator]();
  }

  of(peer: PeerId): Cell | undefined {
    return this.#cellOf.get(peer);
  }

  add(peer: TrackedPeer): void {
    const cell = this.#cellOfNeighbours(peer) ?? this.#cellNear(peer) ?? this.#found();
    if (cell.size > 0) peer.injectionLoad = Math.max(peer.injectionLoad, lowestLoad(cell));
    this.#put(peer, cell);
    for (const place of ['', ...peer.places]) this.#bagOf(place).add(peer);
    if (cell.size > CELL_MAX) this.#split(cell);
  }

  remove(peer: TrackedPeer): void {
    const cell = this.of(peer.id);
    for (const place of ['', ...peer.places]) {
      const bag = this.#places.get(place);
      bag?.delete(peer);
      if (bag?.size === 0) this.#places.delete(place);
    }
    if (cell === undefined) return;
    this.#cellOf.delete(peer.id);
    cell.remove(peer);
    if (cell.size >= CELL_MIN) return;
    if (cell.size === 0) this.#cells.delete(cell);
    else if (this.#cells.size > 1) this.#merge(cell);
  }

  /** A random cell other than this one. */
  another(than: Cell): Cell | undefined {
    const drawn = this.#cells.draw(this.#random());
    if (drawn !== than) return drawn;
    for (const cell of this.#cells) if (cell !== than) return cell;
    return undefined;
  }

  #found(): Cell {
    const cell = new Cell();
    this.#cells.add(cell);
    return cell;
  }

  #split(cell: Cell): void {
    const other = this.#found();
    other.injectionLoad = cell.injectionLoad;
    for (const peer of leavers(cell)) this.#move(peer, other);
  }

  #merge(cell: Cell): void {
    const drawn = Array.from({ length: DRAWS }, () => this.another(cell));
    const linked = [...cell.members.values()].flatMap(({ neighbours }) =>
      [...neighbours].map((id) => this.of(id)),
    );
    const others = [...linked, ...drawn]
      .filter((other) => other !== undefined)
      .filter((other) => other !== cell);
    const [into] = others.sort((a, b) => a.size - b.size);
    if (into === undefined) return;
    this.#cells.delete(cell);
    for (const peer of [...cell.members.values()]) this.#move(peer, into);
    if (into.size > CELL_MAX) this.#split(into);
  }

  #move(peer: TrackedPeer, to: Cell): void {
    this.of(peer.id)?.remove(peer);
    this.#put(peer, to);
  }

  #put(peer: TrackedPeer, cell: Cell): void {
    cell.add(peer);
    this.#cellOf.set(peer.id, cell);
  }

  #cellOfNeighbours(peer: TrackedPeer): Cell | undefined {
    const counts = new Map<Cell, number>();
    let best: Cell | undefined;
    for (const id of peer.neighbours) {
      const cell = this.of(id);
      if (cell === undefined) continue;
      counts.set(cell, (counts.get(cell) ?? 0) + 1);
      if (best === undefined || (counts.get(cell) ?? 0) > (counts.get(best) ?? 0)) best = cell;
    }
    return best;
  }

  #cellNear(peer: TrackedPeer): Cell | undefined {
    for (const place of ['', ...peer.places].reverse()) {
      const cells = Array.from({ length: DRAWS }, () => {
        const drawn = this.#places.get(place)?.draw(this.#random());
        return drawn && this.of(drawn.id);
      });
      const [smallest] = cells.filter((cell) => cell !== undefined).sort((a, b) => a.size - b.size);
      if (smallest !== undefined) return smallest;
    }
    return undefined;
  }

  #bagOf(place: string): Bag<TrackedPeer> {
    let bag = this.#places.get(place);
    if (bag === undefined) this.#places.set(place, (bag = new Bag()));
    return bag;
  }
}

function lowestLoad(cell: Cell): number {
  let lowest = Number.POSITIVE_INFINITY;
  for (const { injectionLoad } of cell.members.values()) lowest = Math.min(lowest, injectionLoad);
  return lowest;
}
