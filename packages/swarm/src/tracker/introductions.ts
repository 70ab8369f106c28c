import type { Millis, PeerId } from '@freshet/protocol';

/** A pair that did not link is tried again after this time, at most MAX_TRIES times. */
const RETRY_MS = 20_000;
const MAX_TRIES = 3;
/** An introduction is a promised seat for this long; by then the link is open, and reported, or it failed. */
const PROMISE_MS = 15_000;

interface Pair {
  at: Millis;
  tries: number;
  /** One of the two accused the other: never again. */
  broken: boolean;
}

/** Who was introduced to whom. Signals pass only between these. */
export class Introductions {
  readonly #pairs = new Map<PeerId, Map<PeerId, Pair>>();

  has(a: PeerId, b: PeerId): boolean {
    return this.#pairs.get(a)?.has(b) ?? false;
  }

  mayIntroduce(a: PeerId, b: PeerId, now: Millis): boolean {
    const pair = this.#pairs.get(a)?.get(b);
    if (pair === undefined) return true;
    return !pair.broken && pair.tries < MAX_TRIES && now - pair.at >= RETRY_MS;
  }

  add(a: PeerId, b: PeerId, now: Millis): void {
    const pair = this.#pairs.get(a)?.get(b) ?? { at: now, tries: 0, broken: false };
    pair.at = now;
    pair.tries++;
    this.#side(a).set(b, pair);
    this.#side(b).set(a, pair);
  }

  /** Links of `peer` that may be coming: introduced lately, not among its `neighbours` yet. */
  promised(peer: PeerId, neighbours: ReadonlySet<PeerId>, now: Millis): number {
    let count = 0;
    for (const [other, pair] of this.#pairs.get(peer) ?? []) {
      if (now - pair.at < PROMISE_MS && !neighbours.has(other)) count++;
    }
    return count;
  }

  break(a: PeerId, b: PeerId): void {
    const pair = this.#pairs.get(a)?.get(b);
    if (pair !== undefined) pair.broken = true;
  }

  forget(peer: PeerId): void {
    for (const other of this.#pairs.get(peer)?.keys() ?? []) this.#pairs.get(other)?.delete(peer);
    this.#pairs.delete(peer);
  }

  #side(peer: PeerId): Map<PeerId, Pair> {
    let side = this.#pairs.get(peer);
    if (side === undefined) this.#pairs.set(peer, (side = new Map<PeerId, Pair>()));
    return side;
  }
}
