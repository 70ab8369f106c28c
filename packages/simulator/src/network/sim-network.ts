import type { PeerId } from '@freshet/protocol';
import type { VirtualClock } from '../clock/virtual-clock.ts';
import type { Internet } from './internet.ts';
import { type LinkEnd, SimLink } from './sim-link.ts';

/** Gathering candidates and checking pairs, on top of the round trips for signalling, ICE, DTLS and SCTP. */
const SETUP_MS = 100;
const SETUP_ROUND_TRIPS = 6;
const DIAL_TIMEOUT_MS = 8000;
/** What the end that did not close is left to believe. */
const BYE_MS = 50;

interface Dial {
  readonly sides: Map<PeerId, LinkEnd>;
  offered: boolean;
  ringing: boolean;
}

/** Who can reach whom, and the links being made. */
export class SimNetwork {
  readonly #clock: VirtualClock;
  readonly #internet: Internet;
  readonly #random: () => number;
  readonly #seed: number;
  readonly #dials = new Map<string, Dial>();

  constructor(clock: VirtualClock, internet: Internet, random: () => number, seed: number) {
    this.#clock = clock;
    this.#internet = internet;
    this.#random = random;
    this.#seed = seed;
  }

  dial(self: LinkEnd, peer: PeerId, initiator: boolean): void {
    const key = pairOf(self.id, peer);
    const dial = this.#dials.get(key) ?? this.#start(key);
    dial.sides.set(self.id, self);
    dial.offered ||= initiator;
    const [a, b] = dial.sides.values();
    if (a === undefined || b === undefined || !dial.offered || dial.ringing) return;
    if (!reachable(key, this.#seed, this.#internet.unreachableShare)) return; // Both find out by the timeout, as they would.
    dial.ringing = true;
    const rtt = this.#internet.roundTripMs(a.region, b.region);
    this.#clock.after(SETUP_MS * (0.5 + this.#random()) + SETUP_ROUND_TRIPS * rtt, () => {
      dial.ringing = false;
      if (this.#dials.get(key) !== dial || dial.sides.size < 2 || a.isGone || b.isGone) return;
      this.#dials.delete(key);
      const link = new SimLink(this.#clock, this.#internet, this.#random, a, b);
      a.linkOpened(link);
      b.linkOpened(link);
    });
  }

  hangUp(self: LinkEnd, peer: PeerId, link: SimLink | undefined): void {
    if (link !== undefined) {
      link.close(self === link.a ? 0 : BYE_MS, self === link.a ? BYE_MS : 0);
      return;
    }
    this.#dials.get(pairOf(self.id, peer))?.sides.delete(self.id);
    this.#clock.after(0, () => {
      self.linkClosed(peer, undefined);
    });
  }

  #start(key: string): Dial {
    const dial: Dial = { sides: new Map(), offered: false, ringing: false };
    this.#dials.set(key, dial);
    this.#clock.after(DIAL_TIMEOUT_MS, () => {
      if (this.#dials.get(key) !== dial) return;
      this.#dials.delete(key);
      const [a = '', b = ''] = key.split(' ');
      for (const [id, end] of dial.sides) end.linkClosed(id === a ? b : a, undefined);
    });
    return dial;
  }
}

function pairOf(a: PeerId, b: PeerId): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`;
}

/** The same answer for a pair whenever it is asked: FNV-1a over both ids, finished so that all bits count. */
export function reachable(pair: string, seed: number, unreachableShare: number): boolean {
  let hash = (0x811c9dc5 ^ seed) >>> 0;
  for (let i = 0; i < pair.length; i++) hash = Math.imul(hash ^ pair.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32 >= unreachableShare;
}
