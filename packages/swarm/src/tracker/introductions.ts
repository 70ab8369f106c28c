import type { Millis, PeerId } from '@freshet/protocol';

/** A pair that did not link is introduced again after this time. */
const RETRY_MS = 20_000;
/** After this many attempts the pause doubles with each, until the pair is forgotten. */
const QUICK_TRIES = 6;
/** A pair without a link is forgotten after this time, with its number of attempts: networks and free seats change. */
const FORGET_MS = 600_000;
/** An introduction reserves a seat for this time. By then the link is open and reported, or it failed. */
const PROMISE_MS = 15_000;

/** Pairs of which one accused the other that are remembered; the oldest is dropped. */
const MAX_BROKEN = 10_000;

interface Pair {
  at: Millis;
  tries: number;
  readonly dialler: PeerId;
  /** Both ends reported the link. */
  linked: boolean;
}

/** The pairs that were introduced to each other. Signals pass only between them. */
export class Introductions {
  /** For each peer, its pairs; the oldest first. */
  readonly #pairs = new Map<PeerId, Map<PeerId, Pair>>();
  /** For each peer, the peers that it was introduced to recently, and when; the oldest first. */
  readonly #promises = new Map<PeerId, Map<PeerId, Millis>>();

  /** One of the two accused the other: they are never introduced again, also when one of them leaves and returns. */
  readonly #broken = new Set<string>();

  has(a: PeerId, b: PeerId): boolean {
    return this.#pairs.get(a)?.has(b) ?? false;
  }

  mayIntroduce(a: PeerId, b: PeerId, now: Millis): boolean {
    if (this.isBroken(a, b)) return false;
    const pair = this.#pairs.get(a)?.get(b);
    if (pair === undefined) return true;
    const pause = RETRY_MS * 2 ** Math.max(0, pair.tries - QUICK_TRIES);
    return now - pair.at >= Math.min(pause, FORGET_MS);
  }

  /** The side that dialled when the two were last introduced. */
  dialler(a: PeerId, b: PeerId): PeerId | undefined {
    return this.#pairs.get(a)?.get(b)?.dialler;
  }

  /** @param a the side that dials. @param areLinked whether a pair is linked: such pairs are kept at any age. */
  add(a: PeerId, b: PeerId, now: Millis, areLinked: (a: PeerId, b: PeerId) => boolean): void {
    const old = this.#pairs.get(a)?.get(b);
    const tries = old !== undefined && now - old.at < FORGET_MS ? old.tries : 0;
    const pair = { at: now, tries: tries + 1, dialler: a, linked: old?.linked ?? false };
    this.#put(a, b, pair);
    this.#put(b, a, pair);
    this.#promise(a, b, now);
    this.#promise(b, a, now);
    this.#forgetOld(a, now, areLinked);
    this.#forgetOld(b, now, areLinked);
  }

  /** Both ends report the link. @returns whether this is the first time since they met */
  linked(a: PeerId, b: PeerId): boolean {
    const pair = this.#pairs.get(a)?.get(b);
    if (pair === undefined || pair.linked) return false;
    pair.linked = true;
    return true;
  }

  /**
   * The number of links that `peer` may still get: recent introductions to peers that are not among its `neighbours`
   * yet.
   */
  promised(peer: PeerId, neighbours: ReadonlySet<PeerId>, now: Millis): number {
    const promises = this.#promises.get(peer);
    if (promises === undefined) return 0;
    let count = 0;
    for (const [other, at] of promises) {
      if (now - at >= PROMISE_MS) promises.delete(other);
      else if (!neighbours.has(other)) count++;
    }
    return count;
  }

  isBroken(a: PeerId, b: PeerId): boolean {
    return this.#broken.has(nameOf(a, b));
  }

  break(a: PeerId, b: PeerId): void {
    this.#broken.add(nameOf(a, b));
    if (this.#broken.size <= MAX_BROKEN) return;
    const oldest = this.#broken.values().next();
    if (oldest.done !== true) this.#broken.delete(oldest.value);
  }

  forget(peer: PeerId): void {
    for (const other of this.#pairs.get(peer)?.keys() ?? []) {
      this.#pairs.get(other)?.delete(peer);
      this.#promises.get(other)?.delete(peer);
    }
    this.#pairs.delete(peer);
    this.#promises.delete(peer);
  }

  #put(peer: PeerId, other: PeerId, pair: Pair): void {
    const side = this.#pairs.get(peer) ?? new Map<PeerId, Pair>();
    this.#pairs.set(peer, side);
    side.delete(other);
    side.set(other, pair);
  }

  #promise(peer: PeerId, other: PeerId, now: Millis): void {
    const promises = this.#promises.get(peer) ?? new Map<PeerId, Millis>();
    this.#promises.set(peer, promises);
    promises.set(other, now);
  }

  /** Looks at no more than the two oldest pairs: one call for each added pair is enough. */
  #forgetOld(peer: PeerId, now: Millis, areLinked: (a: PeerId, b: PeerId) => boolean): void {
    const side = this.#pairs.get(peer);
    for (let looks = 0; looks < 2; looks++) {
      const oldest = side?.entries().next();
      if (oldest === undefined || oldest.done === true) return;
      const [other, pair] = oldest.value;
      if (now - pair.at < FORGET_MS) return;
      if (areLinked(peer, other)) {
        this.#put(peer, other, pair);
        continue;
      }
      side?.delete(other);
      this.#pairs.get(other)?.delete(peer);
    }
  }
}

function nameOf(a: PeerId, b: PeerId): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`;
}
