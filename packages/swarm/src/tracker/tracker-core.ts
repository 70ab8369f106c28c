import { LIMITS, type Millis, type PeerId } from '@freshet/protocol';
import { seededRandom } from '../util/random.ts';
import { bridgeComponents } from './bridge-components.ts';
import { Cells } from './cells/cells.ts';
import { DueQueue } from './due-queue.ts';
import { IntroductionBudget } from './introduction-budget.ts';
import { Injections } from './injections/injections.ts';
import { Introductions } from './introductions.ts';
import { Matchmaker } from './matchmaker.ts';
import { planInjection } from './injections/plan-injection.ts';
import { Polluters } from './polluters.ts';
import { swarmComponents } from './cells/swarm-components.ts';
import { TrackedPeer } from './cells/tracked-peer.ts';
import type { Injector, TrackerCommand, TrackerEvent } from './api/tracker-event.ts';

export interface TrackerCoreOptions {
  readonly seed: number;
  /** The number of neighbours that a viewer is given. */
  readonly maxNeighbours: number;
}

/**
 * A seeking viewer is introduced to new peers at most this often: sooner when it has no neighbour, later when a swarm
 * of several cells had no candidate for it.
 */
const SEEK_MS = 5000;
const LONELY_MS = 4000;
const PATIENT_MS = 20_000;

type Said = Pick<Extract<TrackerEvent, { type: 'peer-joined' }>, 'neighbours' | 'renditions' | 'uploads'>;

/**
 * One stream's swarm as the server sees it: decides which viewers meet and which pieces each fetches from the origin.
 * Events and the time go in, commands come out, and nothing else. A join or a report costs steps in one cell. A segment
 * costs a step for each cell and more in cells that changed. The cost does not depend on the size of the swarm.
 */
export class TrackerCore {
  readonly #peers = new Map<PeerId, TrackedPeer>();
  readonly #random: () => number;
  readonly #cells: Cells;
  readonly #introductions = new Introductions();
  readonly #matchmaker: Matchmaker;
  readonly #injections = new Injections();
  readonly #polluters = new Polluters();
  readonly #budget: IntroductionBudget;
  /**
   * Viewers that were introduced recently or look for peers. Those without a neighbour have a queue of their own,
   * served first.
   */
  readonly #seekers = new DueQueue<TrackedPeer>(SEEK_MS);
  readonly #lonely = new DueQueue<TrackedPeer>(LONELY_MS);
  readonly #patient = new DueQueue<TrackedPeer>(PATIENT_MS);
  #linkEnds = 0;
  #commands: TrackerCommand[] = [];

  constructor(options: TrackerCoreOptions) {
    this.#random = seededRandom(options.seed);
    const maxNeighbours = Math.min(options.maxNeighbours, LIMITS.neighbours);
    this.#cells = new Cells((id) => this.#peers.get(id), this.#random);
    this.#budget = new IntroductionBudget(maxNeighbours);
    this.#matchmaker = new Matchmaker(
      this.#cells,
      this.#introductions,
      this.#budget,
      maxNeighbours,
      this.#random,
    );
  }

  /** The time at which `tick` is due at the latest; undefined while only an event can change anything. */
  get wakeAt(): Millis | undefined {
    // A lone viewer seeks for ever: there is no other peer to meet.
    if (this.#peers.size < 2) return undefined;
    const due = this.#queues.map(({ nextAt }) => nextAt).filter((at) => at !== undefined);
    return due.length > 0 ? Math.min(...due) : undefined;
  }

  get size(): number {
    return this.#peers.size;
  }

  get cells(): number {
    return this.#cells.count;
  }

  /** The number of open links, as one or both ends reported them. */
  get links(): number {
    return Math.ceil(this.#linkEnds / 2);
  }

  /** The number of viewers that met as many new peers as they may for now. */
  spentBudgets(now: Millis): number {
    return this.#budget.spentBy(now);
  }

  /** Whether signals may pass between the two. */
  areIntroduced(a: PeerId, b: PeerId): boolean {
    return this.#introductions.has(a, b);
  }

  handle(event: TrackerEvent, now: Millis): readonly TrackerCommand[] {
    this.#commands = [];
    switch (event.type) {
      case 'peer-joined':
        this.#join(event, now);
        break;
      case 'peer-left':
        this.#leave(event.peer, now);
        break;
      case 'peer-expelled':
        this.#expel(event.peer);
        this.#leave(event.peer, now);
        break;
      case 'peer-reported': {
        const peer = this.#peers.get(event.peer);
        if (peer === undefined) break;
        this.#learn(peer, event, now);
        peer.seeking = event.seeking;
        peer.learnRecord(event, now);
        this.#attend(peer, now);
        break;
      }
      case 'pollution-reported':
        this.#accuse(event.by, event.peer, now);
        break;
      case 'rule-changed':
        this.#matchmaker.sameNetwork = event.sameNetwork;
        break;
      case 'segment-published':
        this.#commands.push(this.#injections.start(event, this.#inject(event, now), now));
        break;
      case 'tick':
        break;
    }
    this.#serveSeekers(now);
    this.#commands.push(...this.#matchmaker.takeCommands());
    return this.#commands;
  }

  #join(event: Extract<TrackerEvent, { type: 'peer-joined' }>, now: Millis): void {
    this.#remove(event.peer, now);
    const peer = new TrackedPeer(event.peer, now, event.locality);
    this.#peers.set(event.peer, peer);
    this.#learn(peer, event, now);
    this.#budget.joined(peer.id, peer.network, this.#polluters.isOnProbation(peer.network, now), now);
    this.#cells.add(peer);
    this.#serve(peer, now);
  }

  #learn(peer: TrackedPeer, said: Said, now: Millis): void {
    const changed =
      peer.uploads !== said.uploads ||
      differs(peer.neighbours, said.neighbours) ||
      differs(peer.renditions, said.renditions);
    if (!changed) return;
    const before = peer.neighbours;
    this.#linkEnds -= before.size;
    peer.learnNeighbours(said.neighbours, now);
    this.#linkEnds += peer.neighbours.size;
    peer.renditions = new Set(said.renditions);
    peer.uploads = said.uploads;
    this.#cells.of(peer.id)?.changed();
    for (const id of new Set([...before, ...said.neighbours])) {
      const other = before.has(id) === peer.neighbours.has(id) ? undefined : this.#peers.get(id);
      if (other !== undefined) this.#confirm(peer, other, now);
    }
  }

  #confirm(peer: TrackedPeer, other: TrackedPeer, now: Millis): void {
    if (!peer.compare(other) || !this.#introductions.linked(peer.id, other.id)) return;
    for (const { id } of [peer, other]) this.#budget.refund(id, now);
  }

  #leave(id: PeerId, now: Millis): void {
    const cell = this.#cells.of(id);
    this.#remove(id, now);
    this.#introductions.forget(id);
    if (cell !== undefined) this.#commands.push(...this.#injections.replace(id, cell, now, this.#random));
  }

  #remove(id: PeerId, now: Millis): void {
    const peer = this.#peers.get(id);
    if (peer === undefined) return;
    this.#peers.delete(id);
    this.#linkEnds -= peer.neighbours.size;
    for (const queue of this.#queues) queue.delete(peer);
    this.#cells.remove(peer);
    for (const other of peer.confirmed) this.#peers.get(other)?.confirmed.delete(id);
    this.#budget.left(id, peer.network, now);
  }

  /** Serves a seeking viewer at once. One that was served recently waits for its turn. */
  #attend(peer: TrackedPeer, now: Millis): void {
    if (peer.neighbours.size > 0) this.#lonely.delete(peer);
    else if (!this.#lonely.has(peer)) this.#lonely.put(peer, now);
    const waits = this.#seekers.has(peer) || this.#patient.has(peer);
    if (this.#isSeeking(peer) && !waits) this.#serve(peer, now);
  }

  #serve(peer: TrackedPeer, now: Millis): void {
    const served = this.#matchmaker.introduce(peer, now);
    this.#seekers.delete(peer);
    this.#patient.delete(peer);
    (served || this.#cells.count === 1 ? this.#seekers : this.#patient).put(peer, now);
    if (peer.neighbours.size === 0) this.#lonely.put(peer, now);
  }

  #serveSeekers(now: Millis): void {
    for (const peer of this.#lonely.take(now)) {
      if (peer.seeking) this.#serve(peer, now);
    }
    for (const peer of [...this.#seekers.take(now), ...this.#patient.take(now)]) {
      if (this.#isSeeking(peer)) this.#serve(peer, now);
    }
  }

  get #queues(): readonly DueQueue<TrackedPeer>[] {
    return [this.#lonely, this.#seekers, this.#patient];
  }

  #isSeeking(peer: TrackedPeer): boolean {
    return peer.seeking && peer.neighbours.size < this.#peers.size - 1;
  }

  /**
   * Also introduces viewers that are cut off: the components of this rendition are known now, and nothing spreads
   * between two segments.
   */
  #inject(event: Extract<TrackerEvent, { type: 'segment-published' }>, now: Millis): readonly Injector[] {
    const found = swarmComponents(this.#cells, event.segment.rendition, (id) => this.#cells.of(id));
    const injectors = planInjection(found.components, event, now, this.#random);
    bridgeComponents(found, this.#matchmaker, now, this.#random);
    return injectors;
  }

  /** The accuser loses the link and never meets the accused again. Anything more needs other witnesses. */
  #accuse(by: PeerId, accused: PeerId, now: Millis): void {
    const accuser = this.#peers.get(by);
    const suspect = this.#peers.get(accused);
    if (accuser === undefined || suspect === undefined) return;
    if (!this.#introductions.has(by, accused) && !accuser.isLinked(suspect)) return;
    if (this.#introductions.isBroken(by, accused)) return;
    this.#introductions.break(by, accused);
    this.#commands.push({ type: 'expel', to: by, peer: accused });
    const verdict = this.#polluters.accuse(accuser, suspect, now);
    if (verdict === 'ignored') return;
    this.#budget.fine(accused, now);
    suspect.passOver(now);
    if (verdict === 'counted') return;
    this.#expel(accused);
    this.#commands.push({ type: 'ban', peer: accused, forMs: verdict.banMs });
    this.#leave(accused, now);
  }

  #expel(expelled: PeerId): void {
    const known = this.#peers.get(expelled);
    for (const peer of this.#peers.values()) {
      // Also viewers whose link with it may be opening right now.
      const isNear =
        peer.neighbours.has(expelled) ||
        known?.neighbours.has(peer.id) === true ||
        this.#introductions.has(peer.id, expelled);
      if (isNear && peer.id !== expelled) this.#commands.push({ type: 'expel', to: peer.id, peer: expelled });
    }
  }
}

function differs(known: ReadonlySet<string>, said: readonly string[]): boolean {
  return known.size !== said.length || said.some((item) => !known.has(item));
}
