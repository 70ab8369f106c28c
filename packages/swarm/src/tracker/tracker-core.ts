import { LIMITS, type Millis, type PeerId } from '@freshet/protocol';
import { seededRandom } from '../random.ts';
import { chooseInjectors } from './choose-injectors.ts';
import { Introductions } from './introductions.ts';
import { connectedParts } from './swarm-graph.ts';
import { TrackedPeer } from './tracked-peer.ts';
import type { Injector, TrackerCommand, TrackerEvent } from './tracker-event.ts';

export interface TrackerCoreOptions {
  readonly seed: number;
  /** Neighbours that a viewer is given. */
  readonly maxNeighbours: number;
}

/** A viewer that seeks is given new peers this often at most. */
const SEEK_MS = 5000;
/** Links above the wished number that a viewer accepts when others dial it. */
const SPARE_SEATS = 2;
/** With fewer free candidates than this, full ones are tried as well. */
const FEWEST = 2;
/** Different accusers that make a polluter. One could be lying. */
const ACCUSERS = 2;
/** Accused peers of one accuser above which its word counts for nothing. */
const MAX_ACCUSED = 3;

/**
 * One stream's swarm as the server sees it: who meets whom, and who takes which pieces from the origin.
 * Events and the time go in, commands come out; nothing else.
 */
export class TrackerCore {
  readonly #peers = new Map<PeerId, TrackedPeer>();
  readonly #introductions = new Introductions();
  readonly #accusers = new Map<PeerId, Set<PeerId>>();
  readonly #random: () => number;
  #maxNeighbours: number;
  #commands: TrackerCommand[] = [];
  #wakeAt: Millis | undefined;

  constructor(options: TrackerCoreOptions) {
    this.#random = seededRandom(options.seed);
    this.#maxNeighbours = Math.min(options.maxNeighbours, LIMITS.neighbours);
  }

  /** When `tick` is due at the latest; undefined while only an event can change anything. */
  get wakeAt(): Millis | undefined {
    return this.#wakeAt;
  }

  get size(): number {
    return this.#peers.size;
  }

  /** Open links, as both ends or one of them reported. */
  get links(): number {
    let ends = 0;
    for (const peer of this.#peers.values()) ends += peer.neighbours.size;
    return Math.ceil(ends / 2);
  }

  /** Whether signals may pass between the two. */
  areIntroduced(a: PeerId, b: PeerId): boolean {
    return this.#introductions.has(a, b);
  }

  handle(event: TrackerEvent, now: Millis): readonly TrackerCommand[] {
    this.#commands = [];
    switch (event.type) {
      case 'peer-joined': {
        const peer = new TrackedPeer(event.peer, now);
        this.#peers.set(event.peer, peer);
        this.#learn(peer, event);
        this.#introduce(peer, now);
        break;
      }
      case 'peer-left':
        this.#forget(event.peer);
        break;
      case 'peer-reported': {
        const peer = this.#peers.get(event.peer);
        if (peer === undefined) break;
        this.#learn(peer, event);
        peer.seeking = event.seeking;
        break;
      }
      case 'pollution-reported':
        this.#accuse(event.by, event.peer);
        break;
      case 'segment-published':
        this.#commands.push({
          type: 'announce',
          segment: event.segment,
          injectors: this.#injectors(event, now),
        });
        break;
      case 'tick':
        break;
    }
    this.#serveSeekers(now);
    return this.#commands;
  }

  #learn(
    peer: TrackedPeer,
    said: Pick<TrackedPeer, 'uploads'> & { neighbours: readonly PeerId[]; renditions: readonly string[] },
  ): void {
    peer.neighbours = new Set(said.neighbours);
    peer.renditions = new Set(said.renditions);
    peer.uploads = said.uploads;
  }

  #forget(id: PeerId): void {
    this.#peers.delete(id);
    this.#introductions.forget(id);
    this.#accusers.delete(id);
  }

  /** Gives a peer acquaintances: same rendition first, then whoever has the most seats free. */
  #introduce(peer: TrackedPeer, now: Millis): void {
    const others = [...this.#peers.values()]
      .filter((other) => other !== peer && !peer.neighbours.has(other.id))
      .filter((other) => this.#introductions.mayIntroduce(peer.id, other.id, now))
      .map((other) => ({
        other,
        foreign: peer.sharesRendition(other) ? 0 : 1,
        seatsTaken: this.#seatsTaken(other, now),
        tie: this.#random(),
      }))
      .sort((a, b) => a.foreign - b.foreign || a.seatsTaken - b.seatsTaken || a.tie - b.tie);
    const seated = others.filter(({ seatsTaken }) => seatsTaken < this.#maxNeighbours + SPARE_SEATS);
    // Nobody is left alone because everyone is full: the least full make room or refuse.
    const candidates = seated.length >= FEWEST ? seated : others;
    const wanted = Math.min(this.#firstShare, this.#maxNeighbours - this.#seatsTaken(peer, now));
    for (const { other } of candidates.slice(0, Math.max(0, wanted))) {
      this.#introductions.add(peer.id, other.id, now);
      // The one who asked makes the offer: one rule for both ends, so that they never dial each other at once.
      this.#commands.push({ type: 'introduce', to: other.id, peer: peer.id, dial: false });
      this.#commands.push({ type: 'introduce', to: peer.id, peer: other.id, dial: true });
    }
  }

  /** In a large swarm a newcomer dials about half of its links; later newcomers dial the rest. */
  get #firstShare(): number {
    return this.#peers.size <= this.#maxNeighbours + 1
      ? this.#maxNeighbours
      : Math.ceil(this.#maxNeighbours * 0.6);
  }

  #seatsTaken(peer: TrackedPeer, now: Millis): number {
    return peer.neighbours.size + this.#introductions.promised(peer.id, peer.neighbours, now);
  }

  #serveSeekers(now: Millis): void {
    this.#wakeAt = undefined;
    if (this.#peers.size < 2) return;
    for (const peer of this.#peers.values()) {
      // In a small swarm everyone seeks for ever: there is nobody more to meet.
      if (!peer.seeking || peer.neighbours.size >= this.#peers.size - 1) continue;
      if (now - peer.soughtAt >= SEEK_MS) {
        peer.soughtAt = now;
        this.#introduce(peer, now);
      }
      const dueAt = peer.soughtAt + SEEK_MS;
      if (this.#wakeAt === undefined || dueAt < this.#wakeAt) this.#wakeAt = dueAt;
    }
  }

  /** One copy for every part of the swarm that pieces can spread in. Who is alone serves itself. */
  #injectors(
    segment: Extract<TrackerEvent, { type: 'segment-published' }>,
    now: Millis,
  ): readonly Injector[] {
    const followers = new Map<PeerId, ReadonlySet<PeerId>>();
    for (const peer of this.#peers.values()) {
      if (peer.follows(segment.segment.rendition)) followers.set(peer.id, peer.neighbours);
    }
    const injectors: Injector[] = [];
    for (const part of connectedParts(followers)) {
      if (part.length < 2) break;
      const candidates = part
        .map((id) => this.#peers.get(id))
        .filter((peer) => peer?.uploads === true)
        .filter((peer) => peer !== undefined);
      const chosen = chooseInjectors(candidates, segment.bytes, now, this.#random);
      if (injectors.length + chosen.length > LIMITS.injectors) break;
      injectors.push(...chosen);
    }
    return injectors;
  }

  /** Accusations count only from those who met the accused (by our word or its own), and not from those who accuse everyone. */
  #accuse(by: PeerId, accused: PeerId): void {
    const accuser = this.#peers.get(by);
    const suspect = this.#peers.get(accused);
    if (accuser === undefined || suspect === undefined) return;
    if (!this.#introductions.has(by, accused) && !suspect.neighbours.has(by)) return;
    this.#introductions.break(by, accused);
    accuser.accused.add(accused);
    if (accuser.accused.size > MAX_ACCUSED) return;
    const accusers = this.#accusers.get(accused) ?? new Set<PeerId>();
    accusers.add(by);
    this.#accusers.set(accused, accusers);
    if (accusers.size < ACCUSERS) return;
    for (const peer of this.#peers.values()) {
      if (peer.neighbours.has(accused)) this.#commands.push({ type: 'expel', to: peer.id, peer: accused });
    }
    this.#commands.push({ type: 'ban', peer: accused });
    this.#forget(accused);
  }
}
