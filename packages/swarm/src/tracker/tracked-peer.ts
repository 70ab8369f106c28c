import type { Millis, PeerId, RenditionId } from '@freshet/protocol';

/** A viewer that injected late is passed over for this time; at the next time for twice as long, and so on. */
const FIRST_PASS_MS = 20_000;
const LONGEST_PASS_MS = 600_000;

/** A viewer as the tracker knows it. What it says of itself is taken as a hint, never as a right. */
export class TrackedPeer {
  readonly id: PeerId;
  readonly joinedAt: Millis;
  /** Where it is in the network, from wide to narrow: the provider's network, then the viewer's. */
  readonly places: readonly string[];
  neighbours: ReadonlySet<PeerId> = new Set();
  renditions: ReadonlySet<RenditionId> = new Set();
  uploads = false;
  seeking = true;
  /** When a link out of its component of the swarm was last arranged for it. */
  bridgedAt: Millis;
  /** Bytes it was asked to inject, over what it is trusted with: the next turn goes to whoever has the least. */
  injectionLoad = 0;
  /** Its measured uplink, as it says. */
  uplinkKbps: number | undefined;
  /** Pieces that it was asked to inject and did not have in time, as it counts them. */
  #lateInjections = 0;
  #lateTimes = 0;
  /** It injects only if nobody else can, until then. */
  passedOverUntil: Millis = 0;
  /** Whom it accused; one that accuses many is not believed any more. */
  readonly accused = new Set<PeerId>();

  /** @param locality parts from wide to narrow, separated by `/`. The more of them two viewers share, the nearer they are. */
  constructor(id: PeerId, now: Millis, locality = '') {
    this.id = id;
    this.joinedAt = now;
    this.bridgedAt = now;
    const parts = locality === '' ? [] : locality.split('/');
    this.places = parts.map((_, i) => parts.slice(0, i + 1).join('/'));
  }

  /** Its own word on its uplink and on what it injected late. */
  learnRecord(said: { readonly uplinkKbps?: number; readonly lateInjections?: number }, now: Millis): void {
    this.uplinkKbps = said.uplinkKbps ?? this.uplinkKbps;
    const late = said.lateInjections ?? 0;
    if (late > this.#lateInjections) {
      this.passedOverUntil = now + Math.min(LONGEST_PASS_MS, FIRST_PASS_MS * 2 ** this.#lateTimes++);
    }
    this.#lateInjections = late;
  }

  /** The narrowest place that is known of it; the same, empty one for all of whom none is known. */
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

  /** By the word of both: a link that one end lost is none, however long the other takes to notice. */
  isLinked(other: TrackedPeer): boolean {
    return this.neighbours.has(other.id) && other.neighbours.has(this.id);
  }

  /** How many places they share: 0 is far. */
  nearness(other: TrackedPeer): number {
    let shared = 0;
    while (shared < this.places.length && this.places[shared] === other.places[shared]) shared++;
    return shared;
  }
}
