import type { Millis, PeerId, RenditionId } from '@freshet/protocol';

/** A viewer that injected late is passed over for this time, and twice as long at each further time. */
const FIRST_PASS_MS = 20_000;
const LONGEST_PASS_MS = 600_000;
/** Both ends report a new link within this time. */
const CONFIRM_MS = 5000;

/** A viewer as the tracker knows it. Its reports about itself are hints and grant no rights. */
export class TrackedPeer {
  readonly id: PeerId;
  readonly joinedAt: Millis;
  /** Its place in the network, from wide to narrow: the provider's network, then the viewer's. */
  readonly places: readonly string[];
  /** The peers that it reports as neighbours, and since when. */
  #neighbours: ReadonlyMap<PeerId, Millis> = new Map();
  #ids: ReadonlySet<PeerId> = new Set();
  /** Those of its neighbours that report the link as well. */
  readonly confirmed = new Set<PeerId>();
  renditions: ReadonlySet<RenditionId> = new Set();
  uploads = false;
  seeking = true;
  /** The time at which it was last introduced to another component of the swarm. */
  bridgedAt: Millis;
  /** The bytes that it was asked to inject, divided by its weight. The viewer with the least is asked next. */
  injectionLoad = 0;
  /** Its measured uplink, as it reports it. */
  uplinkKbps: number | undefined;
  /** The pieces that it was asked to inject and did not have in time, as it reports them. */
  #lateInjections = 0;
  #lateTimes = 0;
  /** Until then it injects only if there is no other candidate. */
  passedOverUntil: Millis = 0;

  /**
   * @param locality levels from wide to narrow, separated by `/`. The more of them two viewers share, the nearer they
   * are.
   */
  constructor(id: PeerId, now: Millis, locality = '') {
    this.id = id;
    this.joinedAt = now;
    this.bridgedAt = now;
    const parts = locality === '' ? [] : locality.split('/');
    this.places = parts.map((_, i) => parts.slice(0, i + 1).join('/'));
  }

  get neighbours(): ReadonlySet<PeerId> {
    return this.#ids;
  }

  learnNeighbours(ids: readonly PeerId[], now: Millis): void {
    this.#neighbours = new Map(ids.map((id) => [id, this.#neighbours.get(id) ?? now]));
    this.#ids = new Set(ids);
  }

  /** Stores its reports about its uplink and its late injections. */
  learnRecord(said: { readonly uplinkKbps?: number; readonly lateInjections?: number }, now: Millis): void {
    this.uplinkKbps = said.uplinkKbps ?? this.uplinkKbps;
    const late = said.lateInjections ?? 0;
    if (late > this.#lateInjections) this.passOver(now);
    this.#lateInjections = late;
  }

  /** It injected late, or others accuse it: it is not asked to inject for a while. */
  passOver(now: Millis): void {
    this.passedOverUntil = now + Math.min(LONGEST_PASS_MS, FIRST_PASS_MS * 2 ** this.#lateTimes++);
  }

  /** The narrowest known place; empty, and thus the same, for all viewers without one. */
  get network(): string {
    return this.places.at(-1) ?? '';
  }

  follows(rendition: RenditionId): boolean {
    return this.renditions.has(rendition);
  }

  sharesRendition(other: TrackedPeer): boolean {
    for (const rendition of this.renditions) if (other.renditions.has(rendition)) return true;
    return false;
  }

  /**
   * Both ends must report the link: a link that one end lost does not count, however long the other takes to notice.
   */
  isLinked(other: TrackedPeer): boolean {
    return this.neighbours.has(other.id) && other.neighbours.has(this.id);
  }

  /** Since when both ends have reported the link; undefined: not both do. */
  linkedSince(other: TrackedPeer): Millis | undefined {
    const [here, there] = [this.#neighbours.get(other.id), other.#neighbours.get(this.id)];
    return here === undefined || there === undefined ? undefined : Math.max(here, there);
  }

  /** To be called when the report of one of the two changed. @returns whether both ends report the link now */
  compare(other: TrackedPeer): boolean {
    const linked = this.isLinked(other);
    for (const [a, b] of [
      [this, other],
      [other, this],
    ] as const) {
      if (linked) a.confirmed.add(b.id);
      else a.confirmed.delete(b.id);
    }
    return linked;
  }

  /** Whether it says that it has links, and after a time in which the other ends report as well none of them has. */
  isUnconfirmed(now: Millis): boolean {
    if (this.confirmed.size > 0) return false;
    for (const since of this.#neighbours.values()) if (now - since >= CONFIRM_MS) return true;
    return false;
  }

  /** The number of places that they share; 0 is far. */
  nearness(other: TrackedPeer): number {
    let shared = 0;
    while (shared < this.places.length && this.places[shared] === other.places[shared]) shared++;
    return shared;
  }
}
