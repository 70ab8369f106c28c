import type { Millis, PeerId, Report } from '@freshet/protocol';

/** A viewer takes the stream at most this many times as fast as it is published: at its start it fills a buffer. */
const MOST_RATE = 2;
/** Two viewers were linked when each named the other this lately: bytes are reported after the link may have ended. */
const LINKED_MS = 30_000;
/** Bytes that wait for the other end's report; more are dropped. */
const MOST_WAITING = 64e6;

/** The stream as a viewer finds it when it joins. */
export interface Held {
  readonly bytes: number;
  readonly seconds: number;
}

interface Party {
  readonly joinedAt: Millis;
  readonly held: Held;
  /** `#published` when it joined. */
  readonly publishedBefore: number;
  /** The viewers that it named as neighbours, and when it last did. */
  readonly named: Map<PeerId, Millis>;
  /** Bytes that it says it got, and that it says it gave, which no other viewer's report confirms yet. */
  taken: number;
  given: number;
  confirmed: number;
}

/**
 * Counts what viewers say they got from others only as far as linked viewers say that they gave it, and never more than
 * the stream had for a viewer in the time that it was there. A viewer alone confirms nothing.
 */
export class ConfirmedBytes {
  readonly #now: () => Millis;
  readonly #onConfirmed: (taker: PeerId, bytes: number) => void;
  readonly #parties = new Map<PeerId, Party>();
  #published = 0;

  constructor(now: () => Millis, onConfirmed: (taker: PeerId, bytes: number) => void) {
    this.#now = now;
    this.#onConfirmed = onConfirmed;
  }

  joined(peer: PeerId, held: Held): void {
    this.#parties.set(peer, {
      ...{ joinedAt: this.#now(), held, publishedBefore: this.#published, named: new Map() },
      ...{ taken: 0, given: 0, confirmed: 0 },
    });
  }

  left(peer: PeerId): void {
    this.#parties.delete(peer);
  }

  published(bytes: number): void {
    this.#published += bytes;
  }

  /** @param taken and `given`: what the viewer got from others and gave them since its last report */
  reported(peer: PeerId, { neighbours }: Pick<Report, 'neighbours'>, taken: number, given: number): void {
    const party = this.#parties.get(peer);
    if (party === undefined) return;
    const now = this.#now();
    party.taken = Math.min(MOST_WAITING, party.taken + taken);
    party.given = Math.min(MOST_WAITING, party.given + given);
    for (const neighbour of neighbours) if (neighbour !== peer) party.named.set(neighbour, now);
    for (const [id, at] of party.named) {
      const other = this.#parties.get(id);
      if (now - at > LINKED_MS) party.named.delete(id);
      else if (
        other !== undefined &&
        now - (other.named.get(peer) ?? Number.NEGATIVE_INFINITY) <= LINKED_MS
      ) {
        this.#confirm(peer, party, other);
        this.#confirm(id, other, party);
      }
    }
  }

  #confirm(peer: PeerId, taker: Party, giver: Party): void {
    const bytes = Math.min(taker.taken, giver.given, this.#available(taker) - taker.confirmed);
    if (bytes <= 0) return;
    taker.taken -= bytes;
    giver.given -= bytes;
    taker.confirmed += bytes;
    this.#onConfirmed(peer, bytes);
  }

  /** The bytes that the viewer can have got so far. */
  #available({ joinedAt, held, publishedBefore }: Party): number {
    const published = this.#published - publishedBefore;
    const rate = held.seconds > 0 ? held.bytes / held.seconds : 0;
    const byTime = (MOST_RATE * rate * (this.#now() - joinedAt)) / 1000;
    return Math.min(held.bytes + published, Math.max(published, byTime));
  }
}
