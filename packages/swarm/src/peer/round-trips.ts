import type { Millis, PeerId } from '@freshet/protocol';

/** What giving may make packets wait: LEDBAT's bound (RFC 6817), which a call beside it bears. */
const BEARABLE_MS = 100;
/** Of the cap, when packets wait longer. Not nothing: who gives nothing measures nothing, and would never come back. */
const LEAST_SHARE = 1 / 8;
/** Between two changes: a browser measures a link about as often. */
const CHANGE_MS = 2000;
/** A measure older than this tells nothing of now. */
const STALE_MS = 10_000;
/** A route may become longer for good: a link's least round trip follows what is measured by this part at a time. */
const DRIFT = 1 / 128;

interface RoundTrip {
  least: Millis;
  last: Millis;
  at: Millis;
}

/**
 * Backs off where what this viewer gives fills its line: then packets queue there, and every link's round trip grows above
 * the least that it had. By what most links say: one that grows alone is its neighbour's affair.
 */
export class RoundTrips {
  readonly #links = new Map<PeerId, RoundTrip>();
  #share = 1;
  #changedAt: Millis = 0;

  /** The part of its cap that this viewer gives now. */
  get share(): number {
    return this.#share;
  }

  measured(peer: PeerId, roundTrip: Millis, now: Millis): void {
    const { least } = this.#links.get(peer) ?? { least: roundTrip };
    const risen = least + (roundTrip - least) * DRIFT;
    this.#links.set(peer, { least: Math.min(roundTrip, risen), last: roundTrip, at: now });
    if (now - this.#changedAt < CHANGE_MS) return;
    this.#changedAt = now;
    const recent = [...this.#links.values()].filter(({ at }) => now - at < STALE_MS);
    this.#share = nextShare(
      this.#share,
      recent.map(({ last, least }) => last - least),
    );
  }

  closed(peer: PeerId): void {
    this.#links.delete(peer);
  }
}

/** @param waits of each link's packets, in ms. @returns half of the share when most of them are too long, else a little more. */
export function nextShare(share: number, waits: readonly Millis[]): number {
  const long = waits.filter((wait) => wait > BEARABLE_MS).length;
  return long * 2 > waits.length ? Math.max(LEAST_SHARE, share / 2) : Math.min(1, share + LEAST_SHARE);
}
