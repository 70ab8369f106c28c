import type { ControlFrame, Millis, PeerId, SegmentKey } from '@freshet/protocol';
import type { VirtualClock } from '../clock/virtual-clock.ts';
import type { Line } from './line.ts';
import { Path } from './path.ts';
import type { Internet } from './internet.ts';
import type { Region } from './regions.ts';

/** What a viewer is to the network. */
export interface LinkEnd {
  readonly id: PeerId;
  readonly region: Region;
  readonly uplink: Line;
  readonly downlink: Line;
  readonly isGone: boolean;
  linkOpened(link: SimLink): void;
  linkClosed(peer: PeerId, link: SimLink | undefined): void;
  frameReceived(peer: PeerId, frame: ControlFrame): void;
  pieceProgressed(peer: PeerId, segment: SegmentKey, piece: number): void;
  pieceReceived(peer: PeerId, segment: SegmentKey, piece: number, bytes: number, genuine: boolean): void;
  pieceSent(peer: PeerId, segment: SegmentKey, piece: number, bytes: number): void;
}

const CONTROL_BYTES = 100;
/** A piece that takes longer on its way says so this often: the receiver sees frames of it come in. */
const PROGRESS_MS = 400;

/** An open data channel. A piece is two events, one at each end, however many frames it would be. */
export class SimLink {
  readonly a: LinkEnd;
  readonly b: LinkEnd;
  readonly #clock: VirtualClock;
  readonly #fromA: Path;
  readonly #fromB: Path;
  isOpen = true;

  constructor(clock: VirtualClock, internet: Internet, random: () => number, a: LinkEnd, b: LinkEnd) {
    this.#clock = clock;
    this.a = a;
    this.b = b;
    const rtt = internet.roundTripMs(a.region, b.region);
    // Most links lose little, a few much.
    const loss = internet.maxLoss * random() ** 3;
    const jitter = internet.maxJitterMs * random();
    this.#fromA = new Path(rtt, loss, jitter, random);
    this.#fromB = new Path(rtt, loss, jitter, random);
  }

  otherEnd(self: LinkEnd): LinkEnd {
    return self === this.a ? this.b : this.a;
  }

  sendFrame(from: LinkEnd, frame: ControlFrame): void {
    const to = this.otherEnd(from);
    this.#clock.at(this.#pathFrom(from).arrival(CONTROL_BYTES, this.#clock.now), () => {
      if (this.isOpen) to.frameReceived(from.id, frame);
    });
  }

  sendPiece(from: LinkEnd, segment: SegmentKey, piece: number, bytes: number, genuine: boolean): void {
    const to = this.otherEnd(from);
    const { now } = this.#clock;
    const leaves = from.uplink.put(bytes, now);
    const arrives = this.#pathFrom(from).arrival(bytes, leaves);
    this.#clock.at(leaves, () => {
      if (this.isOpen) from.pieceSent(to.id, segment, piece, bytes);
    });
    // The receiver's line is taken on arrival: taken now, a slow sender's piece would hold up all that come before it.
    this.#clock.at(arrives, () => {
      if (!this.isOpen) return;
      this.#clock.at(to.downlink.put(bytes, this.#clock.now), () => {
        if (this.isOpen) to.pieceReceived(from.id, segment, piece, bytes, genuine);
      });
    });
    if (arrives - now > PROGRESS_MS) this.#progress(from, to, segment, piece, arrives);
  }

  /** Both ends of the link learn of its end, each in its time. */
  close(toA: Millis, toB: Millis): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.#clock.after(toA, () => {
      this.a.linkClosed(this.b.id, this);
    });
    this.#clock.after(toB, () => {
      this.b.linkClosed(this.a.id, this);
    });
  }

  #progress(from: LinkEnd, to: LinkEnd, segment: SegmentKey, piece: number, until: Millis): void {
    this.#clock.after(PROGRESS_MS, () => {
      if (!this.isOpen) return;
      to.pieceProgressed(from.id, segment, piece);
      if (this.#clock.now + PROGRESS_MS < until) this.#progress(from, to, segment, piece, until);
    });
  }

  #pathFrom(end: LinkEnd): Path {
    return end === this.a ? this.#fromA : this.#fromB;
  }
}
