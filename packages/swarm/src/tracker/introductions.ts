import type { Millis, PeerId } from '@freshet/protocol';

/** A pair that did not link is tried again after this time, at most MAX_TRIES times. */
const RETRY_MS = 20_000;
const MAX_TRIES = 3;

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
