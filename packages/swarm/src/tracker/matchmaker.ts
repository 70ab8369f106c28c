import { LIMITS, type Millis, type PeerId } from '@freshet/protocol';
import type { Cell } from './cells/cell.ts';
import type { Cells } from './cells/cells.ts';
import type { IntroductionBudget } from './introduction-budget.ts';
import type { Introductions } from './introductions.ts';
import type { TrackedPeer } from './cells/tracked-peer.ts';
import type { TrackerCommand } from './api/tracker-event.ts';

/** With fewer candidates with free seats than this, full ones are candidates as well. */
const FEWEST = 2;
/**
 * Seats of every viewer that are reserved for viewers with hardly any neighbours, and for links between components of
 * the swarm. Without them the first viewers fill up with one another, and later viewers find no free seat.
 */
const KEPT_SEATS = 2;
/** One in this many introductions of a cell leads to another cell. */
const BRIDGE_EVERY = 6;
/** Viewers considered in the other cell. */
const BRIDGE_HEADS = 16;
/**
 * Seats of a giver, besides the spare ones, that download-only viewers do not get. With one or two, givers linked in
 * pairs and no further.
 */
const GIVER_SEATS = 2;
/** The number of these seats that a download-only viewer with hardly any neighbours may take. */
const SPARE_FOR_TAKERS = 1;
/** The least number of introductions of a viewer without a neighbour, however many links may still be coming. */
const LONELY_SHARE = 2;

/**
 * Decides which viewers are introduced: same rendition first, half of them near, the others where most seats are free.
 */
export class Matchmaker {
  readonly #cells: Cells;
  readonly #introductions: Introductions;
  readonly #budget: IntroductionBudget;
  readonly #random: () => number;
  readonly #maxNeighbours: number;
  /** Whether only viewers of one network meet. Viewers without a known network then meet nobody. */
  sameNetwork = false;
  #commands: TrackerCommand[] = [];

  constructor(
    cells: Cells,
    introductions: Introductions,
    budget: IntroductionBudget,
    maxNeighbours: number,
    random: () => number,
  ) {
    this.#cells = cells;
    this.#introductions = introductions;
    this.#budget = budget;
    this.#maxNeighbours = maxNeighbours;
    this.#random = random;
  }

  /** The introductions since the last call. */
  takeCommands(): readonly TrackerCommand[] {
    return this.#commands.splice(0);
  }

  /**
   * Introduces a viewer to others in its cell, and now and then to one outside.
   * @returns whether there was a candidate.
   */
  introduce(peer: TrackedPeer, now: Millis): boolean {
    const cell = this.#cells.of(peer.id);
    if (cell === undefined) return false;
    const told = this.#commands.length;
    let wanted = this.#wanted(peer, now);
    const before = cell.introductions;
    const bridges = Math.floor((before + wanted) / BRIDGE_EVERY) - Math.floor(before / BRIDGE_EVERY);
    cell.introductions += wanted;
    const other = bridges > 0 ? this.#cells.another(cell) : undefined;
    if (other !== undefined && this.bridge(peer, this.#headsOf(other), now)) wanted--;
    for (const candidate of this.#choose(peer, cell, wanted, now))
      if (this.#mayMeet(peer, candidate, now)) this.#meet(peer, candidate, now);
    if (this.#commands.length > told) return true;
    return peer.neighbours.size < LONELY_SHARE && this.bridge(peer, cell.members.values(), now);
  }

  /**
   * Introduces `peer` to one of `outside`, viewers outside its component of the swarm.
   * @returns whether there was a candidate.
   */
  bridge(peer: TrackedPeer, outside: Iterable<TrackedPeer>, now: Millis): boolean {
    const candidates = [...outside]
      .filter((other) => this.#suit(peer, other, now, SPARE_FOR_TAKERS))
      .map((other) => ({
        other,
        foreign: peer.sharesRendition(other) ? 0 : 1,
        seatsTaken: this.seatsTaken(other, now),
      }))
      .sort((a, b) => a.foreign - b.foreign || a.seatsTaken - b.seatsTaken);
    const [best] = candidates;
    if (best === undefined) return false;
    peer.bridgedAt = now;
    this.#meet(peer, best.other, now);
    return true;
  }

  seatsTaken(peer: TrackedPeer, now: Millis): number {
    return peer.neighbours.size + this.#introductions.promised(peer.id, peer.neighbours, now);
  }

  #wanted(peer: TrackedPeer, now: Millis): number {
    const free = Math.max(0, this.#maxNeighbours - this.seatsTaken(peer, now));
    return peer.neighbours.size === 0
      ? Math.max(LONELY_SHARE, Math.min(this.#firstShare, free))
      : Math.min(this.#firstShare, free);
  }

  /** In a large swarm a newcomer dials about half of its links. Later newcomers dial the rest. */
  get #firstShare(): number {
    return this.#hasRoomForAll ? this.#maxNeighbours : Math.ceil(this.#maxNeighbours * 0.6);
  }

  #choose(peer: TrackedPeer, cell: Cell, wanted: number, now: Millis): readonly TrackedPeer[] {
    if (wanted <= 0) return [];
    const suited = [...cell.members.values()].filter((other) => this.#suit(peer, other, now));
    const ranked = suited
      .map((other) => ({
        other,
        foreign: peer.sharesRendition(other) ? 0 : 1,
        nearness: peer.nearness(other),
        seatsTaken: this.seatsTaken(other, now),
        tie: this.#random(),
      }))
      .sort((a, b) => a.foreign - b.foreign || a.seatsTaken - b.seatsTaken || a.tie - b.tie);
    const seats = this.#maxNeighbours + LIMITS.spareSeats - KEPT_SEATS;
    const seated = ranked.filter(({ seatsTaken }) => seatsTaken < seats);
    // A viewer is not left alone because all candidates are full: the least full ones give a reserved seat, make room
    // or refuse.
    const candidates = seated.length >= FEWEST ? seated : ranked;
    // With near neighbours only, a network would be isolated from the rest of its cell.
    const near = candidates
      .filter(({ foreign, nearness }) => foreign === 0 && nearness > 0)
      .sort((a, b) => b.nearness - a.nearness)
      .slice(0, Math.floor(wanted / 2));
    return [...new Set([...near, ...candidates])].slice(0, wanted).map(({ other }) => other);
  }

  #suit(peer: TrackedPeer, other: TrackedPeer, now: Millis, spare = 0): boolean {
    if (peer === other || peer.isLinked(other)) return false;
    if (this.sameNetwork && (peer.network === '' || peer.network !== other.network)) return false;
    // Two download-only viewers have nothing for each other.
    if (!peer.uploads && !other.uploads) return false;
    if (!other.uploads && !this.#hasSeatForTaker(peer, now, spare)) return false;
    if (!peer.uploads && !this.#hasSeatForTaker(other, now, spare)) return false;
    return this.#mayMeet(peer, other, now);
  }

  /** Two that have met before learn nothing new. */
  #mayMeet(peer: TrackedPeer, other: TrackedPeer, now: Millis): boolean {
    if (!this.#introductions.mayIntroduce(peer.id, other.id, now)) return false;
    if (this.#introductions.has(peer.id, other.id)) return true;
    return this.#budget.of(peer.id, now) >= 1 && this.#budget.of(other.id, now) >= 1;
  }

  /** Whether every viewer can be linked with every other. */
  get #hasRoomForAll(): boolean {
    return this.#cells.viewers <= this.#maxNeighbours + 1;
  }

  /**
   * Reserves some seats of a giver for other givers: otherwise download-only viewers would cut them off from one
   * another. Download-only viewers of other renditions count too, because a giver that switches shares their rendition
   * at once. Only a viewer with hardly any neighbours is admitted regardless of them, except to the last seat.
   */
  #hasSeatForTaker(giver: TrackedPeer, now: Millis, spare: number): boolean {
    if (this.#hasRoomForAll) return true;
    const promised = this.#introductions.promised(giver.id, giver.neighbours, now);
    let [takers, kin] = [promised, promised];
    for (const id of giver.neighbours) {
      const other = this.#cells.find(id);
      if (other?.uploads !== false) continue;
      takers++;
      if (other.sharesRendition(giver)) kin++;
    }
    const seats = this.#maxNeighbours - GIVER_SEATS;
    if (spare === 0) return takers < seats;
    return kin < seats + spare && takers < this.#maxNeighbours + LIMITS.spareSeats - 1;
  }

  /** A few consecutive members of a cell, from a random one on. */
  #headsOf(cell: Cell): readonly TrackedPeer[] {
    const members = [...cell.members.values()];
    const start = Math.floor(this.#random() * members.length);
    return [...members.slice(start), ...members.slice(0, start)].slice(0, BRIDGE_HEADS);
  }

  #meet(peer: TrackedPeer, other: TrackedPeer, now: Millis): void {
    if (!this.#introductions.has(peer.id, other.id))
      for (const { id } of [peer, other]) this.#budget.spend(id, now);
    // The viewer that asked makes the offer. With one rule for both ends they never dial each other at once. At the
    // next attempt the other makes it: one of them may take no calls any more, because strangers used them up.
    const dialled = this.#introductions.dialler(peer.id, other.id) === peer.id;
    const [dialler, called] = dialled ? [other, peer] : [peer, other];
    this.#introductions.add(dialler.id, called.id, now, (a, b) => this.#areLinked(a, b));
    this.#commands.push({ type: 'introduce', to: called.id, peer: dialler.id, dial: false });
    this.#commands.push({ type: 'introduce', to: dialler.id, peer: called.id, dial: true });
  }

  #areLinked(a: PeerId, b: PeerId): boolean {
    const [peer, other] = [this.#cells.find(a), this.#cells.find(b)];
    return peer !== undefined && other !== undefined && peer.isLinked(other);
  }
}
