import type { Millis, PeerId, Signal } from '@freshet/protocol';

/** Signals pass for this time after an introduction: a viewer dials within 10 s and gives up 15 s later. */
const CALL_MS = 60_000;
/** Offers of one introduction: one, and one more when relays are added (C1). */
const MAX_OFFERS = 2;
/** Usable candidates of one side with each description. Further ones are dropped. */
const MAX_CANDIDATES = 20;

interface Call {
  readonly dialler: PeerId;
  readonly at: Millis;
  offers: number;
  answers: number;
  /** Candidates since the side's latest description: the dialler's, the other's. */
  candidates: [number, number];
}

/** The calls under way between introduced viewers: whose turn it is, and how many candidates each has sent. */
export class Calls {
  /** By pair; the oldest first. Bounded by the introductions of CALL_MS. */
  readonly #calls = new Map<string, Call>();

  get size(): number {
    return this.#calls.size;
  }

  /** The tracker told `dialler` to make an offer to `other`. An earlier call between them is over. */
  introduced(dialler: PeerId, other: PeerId, now: Millis): void {
    for (const [pair, { at }] of this.#calls) {
      if (now - at < CALL_MS) break;
      this.#calls.delete(pair);
    }
    const pair = pairOf(dialler, other);
    this.#calls.delete(pair);
    this.#calls.set(pair, { dialler, at: now, offers: 0, answers: 0, candidates: [0, 0] });
  }

  /**
   * Whether it is this side's turn, which a description then uses up. Only the side that was told to dial makes offers,
   * the next one after the answer to the one before.
   */
  takeTurn(from: PeerId, to: PeerId, type: Signal['type'], now: Millis): boolean {
    const call = this.#find(from, to, now);
    if (call === undefined) return false;
    if (type === 'candidate') return true;
    const dials = call.dialler === from;
    const isTurn =
      type === 'offer'
        ? dials && call.offers === call.answers && call.offers < MAX_OFFERS
        : !dials && call.answers < call.offers;
    if (!isTurn) return false;
    if (type === 'offer') call.offers++;
    else call.answers++;
    call.candidates[sideOf(call, from)] = 0;
    return true;
  }

  /** Counts a usable candidate. @returns whether it may pass */
  admit(from: PeerId, to: PeerId, now: Millis): boolean {
    const call = this.#find(from, to, now);
    return call !== undefined && ++call.candidates[sideOf(call, from)] <= MAX_CANDIDATES;
  }

  #find(from: PeerId, to: PeerId, now: Millis): Call | undefined {
    const call = this.#calls.get(pairOf(from, to));
    return call !== undefined && now - call.at < CALL_MS ? call : undefined;
  }
}

function sideOf(call: Call, peer: PeerId): 0 | 1 {
  return call.dialler === peer ? 0 : 1;
}

function pairOf(a: PeerId, b: PeerId): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`;
}
