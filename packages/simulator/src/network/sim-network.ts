import type { PeerId } from '@freshet/protocol';
import type { VirtualClock } from '../clock/virtual-clock.ts';
import type { Internet } from '../internet/internet.ts';
import type { HomeTraits } from '../internet/home.ts';
import { passage } from '../internet/nat.ts';
import { ORIGIN_REGION, type Region } from '../internet/regions.ts';
import { type LinkEnd, type LinkRoute, SimLink } from './sim-link.ts';

/**
 * The time to make connections and gather candidates, in addition to the round trips: 1.5 for signalling, 2 for ICE, 2
 * for DTLS, 2.5 for SCTP.
 */
const SETUP_MS = 100;
const SETUP_ROUND_TRIPS = 8;
const DIAL_TIMEOUT_MS = 8000;
/** The time of a packet through the server's host, in addition to the way there. */
const RELAY_MS = 1;

interface Dial {
  readonly sides: Map<PeerId, LinkEnd>;
  offered: boolean;
  ringing: boolean;
}

/** Decides which viewers can reach each other, and makes the links. */
export class SimNetwork {
  readonly #clock: VirtualClock;
  readonly #internet: Internet;
  readonly #random: () => number;
  readonly #seed: number;
  readonly #dials = new Map<string, Dial>();
  /** The bytes that went through TURN, including headers. */
  readonly relayed = { bytes: 0 };

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
    if (!reachable(key, this.#seed, this.#internet.unreachableShare)) return; // Both learn it by the timeout.
    const route = this.#routeBetween(a, b);
    if (route === undefined) return;
    dial.ringing = true;
    const { now } = this.#clock;
    const wayMs = route.wayMs + (a.home.up.backlogMs(now) + b.home.up.backlogMs(now)) / 2;
    this.#clock.after(SETUP_MS * (0.5 + this.#random()) + SETUP_ROUND_TRIPS * 2 * wayMs, () => {
      dial.ringing = false;
      if (this.#dials.get(key) !== dial || dial.sides.size < 2 || a.isGone || b.isGone) return;
      this.#dials.delete(key);
      const link = new SimLink(this.#clock, this.#random, [a, b], route, this.#internet.burstBytes);
      a.linkOpened(link);
      b.linkOpened(link);
    });
  }

  hangUp(self: LinkEnd, peer: PeerId, link: SimLink | undefined): void {
    if (link !== undefined) {
      const noticeMs = link.noticeMs(self);
      link.close(self === link.a ? 0 : noticeMs, self === link.a ? noticeMs : 0);
      return;
    }
    this.#dials.get(pairOf(self.id, peer))?.sides.delete(self.id);
    this.#clock.after(0, () => {
      self.linkClosed(peer, undefined);
    });
  }

  #routeBetween({ home: a }: LinkEnd, { home: b }: LinkEnd): LinkRoute | undefined {
    const { turn, roundTripMs, maxLoss, maxJitterMs, hostMs } = this.#internet;
    const how = passage(a.traits.nat, b.traits.nat, turn);
    if (how === undefined) return undefined;
    const between = ({ region }: HomeTraits, other: Region) => roundTripMs(region, other) / 2;
    const middleMs =
      how === 'direct'
        ? between(a.traits, b.traits.region)
        : between(a.traits, ORIGIN_REGION) + between(b.traits, ORIGIN_REGION) + RELAY_MS;
    // Most links lose little, a few much.
    const loss = maxLoss * this.#random() ** 3;
    return {
      wayMs: a.traits.wayMs + middleMs + b.traits.wayMs + hostMs,
      jitterMs: maxJitterMs * this.#random() + a.traits.jitterMs + b.traits.jitterMs,
      loss: 1 - (1 - loss) * (1 - a.traits.loss) * (1 - b.traits.loss),
      relay: how === 'relayed' ? this.relayed : undefined,
    };
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

/** The same answer for a pair each time: FNV-1a over both ids, with a final mix so that all bits count. */
export function reachable(pair: string, seed: number, unreachableShare: number): boolean {
  let hash = (0x811c9dc5 ^ seed) >>> 0;
  for (let i = 0; i < pair.length; i++) hash = Math.imul(hash ^ pair.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32 >= unreachableShare;
}
