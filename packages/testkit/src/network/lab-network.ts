import type { Millis, PeerId } from '@freshet/protocol';
import type { Appointment, VirtualClock } from '@freshet/simulator';
import { LabLink, type LinkHost } from './lab-link.ts';

export interface NetworkOptions {
  /** One-way delay between two viewers, drawn uniformly for each link. */
  readonly latencyMs: readonly [Millis, Millis];
  /** From both ends dialling to an open link. */
  readonly dialMs: readonly [Millis, Millis];
  /** Share of dials that fail: no route between the two. */
  readonly dialFailures: number;
  /** After this time a dial that the other side does not answer is given up. */
  readonly dialTimeoutMs: Millis;
}

export const QUIET_NETWORK: NetworkOptions = {
  latencyMs: [10, 40],
  dialMs: [60, 300],
  dialFailures: 0,
  dialTimeoutMs: 8000,
};

interface Dial {
  readonly sides: Map<PeerId, LinkHost>;
  offering: PeerId | undefined;
  ringing: boolean;
  readonly timeout: Appointment;
}

/** Decides which viewers can reach each other, and holds the links that are open or being made. */
export class LabNetwork {
  readonly #clock: VirtualClock;
  readonly #random: () => number;
  readonly #options: NetworkOptions;
  readonly #dials = new Map<string, Dial>();
  readonly #links = new Map<string, LabLink>();
  readonly #gone = new Set<PeerId>();
  /** The side of a divided network on which each viewer is; without an entry it reaches everyone. */
  #sides: ReadonlyMap<PeerId, number> = new Map();

  constructor(clock: VirtualClock, random: () => number, options: NetworkOptions) {
    this.#clock = clock;
    this.#random = random;
    this.#options = options;
  }

  /** Opens a link when both sides dial and exactly one of them offers (PROTOCOL.md, B1). */
  dial(self: LinkHost, peer: PeerId, initiator: boolean): void {
    const key = pairOf(self.id, peer);
    const dial = this.#dials.get(key) ?? this.#startDial(key);
    dial.sides.set(self.id, self);
    if (initiator) {
      if (dial.offering !== undefined && dial.offering !== self.id)
        throw new Error(`both ${dial.offering} and ${self.id} make the offer`);
      dial.offering = self.id;
    }
    const ready = dial.sides.size === 2 && dial.offering !== undefined;
    if (!ready || dial.ringing || this.#gone.has(peer)) return;
    dial.ringing = true;
    this.#clock.after(this.#draw(this.#options.dialMs), () => {
      this.#answer(key, dial);
    });
  }

  /** Closes the link, or gives up the dial; the other side of a dial only notices by its timeout. */
  hangUp(self: LinkHost, peer: PeerId): void {
    const key = pairOf(self.id, peer);
    const link = this.#links.get(key);
    if (link !== undefined) {
      this.#links.delete(key);
      link.close(self.id);
      return;
    }
    this.#dials.get(key)?.sides.delete(self.id);
    this.#clock.after(0, () => {
      self.linkClosed(peer, undefined);
    });
  }

  /** The viewer's page closed without notice. Its neighbours notice after `noticeMs`. */
  vanish(peer: PeerId, noticeMs: Millis): void {
    this.#gone.add(peer);
    this.#closeWhere((other) => other === peer, noticeMs);
    for (const dial of this.#dials.values()) dial.sides.delete(peer);
  }

  /**
   * Divides the network: links across break after `noticeMs`, dials across fail. Without sides the network is whole
   * again.
   */
  divide(sides: readonly (readonly PeerId[])[], noticeMs: Millis): void {
    this.#sides = new Map(sides.flatMap((side, i) => side.map((peer) => [peer, i] as const)));
    for (const [key, link] of this.#links) {
      const [a, b] = pairFrom(key);
      if (this.#reaches(a, b)) continue;
      this.#links.delete(key);
      link.close('', noticeMs);
    }
  }

  #startDial(key: string): Dial {
    const dial: Dial = {
      sides: new Map(),
      offering: undefined,
      ringing: false,
      timeout: this.#clock.after(this.#options.dialTimeoutMs, () => {
        this.#fail(key, dial);
      }),
    };
    this.#dials.set(key, dial);
    return dial;
  }

  #answer(key: string, dial: Dial): void {
    if (this.#dials.get(key) !== dial) return;
    const [a, b] = [...dial.sides.values()];
    // One side gave up meanwhile. The other keeps waiting, as in a real network.
    if (a === undefined || b === undefined) {
      dial.ringing = false;
      return;
    }
    if (!this.#reaches(a.id, b.id) || this.#random() < this.#options.dialFailures) {
      this.#fail(key, dial);
      return;
    }
    this.#dials.delete(key);
    dial.timeout.cancel();
    const link = new LabLink(this.#clock, [a, b], this.#draw(this.#options.latencyMs));
    this.#links.set(key, link);
    a.linkOpened(link);
    b.linkOpened(link);
  }

  #fail(key: string, dial: Dial): void {
    dial.timeout.cancel();
    if (this.#dials.get(key) === dial) this.#dials.delete(key);
    const [a, b] = pairFrom(key);
    for (const [id, host] of dial.sides) host.linkClosed(id === a ? b : a, undefined);
  }

  #closeWhere(matches: (peer: PeerId) => boolean, noticeMs: Millis): void {
    for (const [key, link] of this.#links) {
      const gone = pairFrom(key).find(matches);
      if (gone === undefined) continue;
      this.#links.delete(key);
      link.close(gone, noticeMs);
    }
  }

  #reaches(a: PeerId, b: PeerId): boolean {
    if (this.#gone.has(a) || this.#gone.has(b)) return false;
    const [sideOfA, sideOfB] = [this.#sides.get(a), this.#sides.get(b)];
    return sideOfA === undefined || sideOfB === undefined || sideOfA === sideOfB;
  }

  #draw([least, most]: readonly [number, number]): number {
    return least + this.#random() * (most - least);
  }
}

function pairOf(a: PeerId, b: PeerId): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`;
}

function pairFrom(key: string): [PeerId, PeerId] {
  const [a = '', b = ''] = key.split(' ');
  return [a, b];
}
