import type { ControlFrame, Millis, PeerId } from '@freshet/protocol';
import type { VirtualClock } from '../clock/virtual-clock.ts';
import { ArrivalMeter } from '../host/arrival-meter.ts';
import type { OutgoingPiece, PieceFrame } from '../host/outgoing-piece.ts';
import type { Home } from '../internet/home.ts';
import { Flow, type Route } from './flow.ts';
import { Message } from './message.ts';
import { SCTP } from './transport.ts';

/** A viewer as the network sees it. */
export interface LinkEnd {
  readonly id: PeerId;
  readonly home: Home;
  readonly isGone: boolean;
  linkOpened(link: SimLink): void;
  linkClosed(peer: PeerId, link: SimLink | undefined): void;
  frameReceived(peer: PeerId, frame: ControlFrame): void;
  feedbackReceived(peer: PeerId, feedback: Feedback): void;
  pieceFrameReceived(frame: PieceFrame): void;
  pieceSent(piece: OutgoingPiece): void;
  /** Called when payload of pieces was put on its line. */
  pieceBytesLeft(bytes: number): void;
}

/** The pacer's record of a `piece` frame. */
export interface Stamp {
  /** The time at which it left, on the sender's clock. */
  readonly sentAt: Millis;
  /** The bytes of pieces that had left by then, over all links. */
  readonly sentBytes: number;
  /** Grows after a pause with nothing to send. */
  readonly run: number;
  /** The time that it waited for its channel's window, once that is known. */
  heldMs: Millis;
}

/** A receiver's feedback on the frame with the smallest delay, together with the sender's record of that frame. */
export interface Feedback extends Readonly<Stamp> {
  /** Arrival on the receiver's clock - time stamp: the smallest difference since the last feedback. */
  readonly delay: Millis;
}

/** Bytes of a control frame, without headers of packets. */
const CONTROL_BYTES = 32;
/** The path of a link in each direction, and its relay if it has one. */
export interface LinkRoute {
  readonly wayMs: Millis;
  readonly jitterMs: Millis;
  readonly loss: number;
  readonly relay: Route['relay'];
}

/** An open data channel. */
export class SimLink {
  readonly a: LinkEnd;
  readonly b: LinkEnd;
  /** Whether it is simulated packet by packet. */
  readonly isFine: boolean;
  readonly #clock: VirtualClock;
  readonly #route: LinkRoute;
  readonly #fromA: Flow;
  readonly #fromB: Flow;
  readonly #arrivals: [ArrivalMeter | undefined, ArrivalMeter | undefined] = [undefined, undefined];
  isOpen = true;

  constructor(
    clock: VirtualClock,
    random: () => number,
    [a, b]: readonly [LinkEnd, LinkEnd],
    route: LinkRoute,
    burstBytes: number,
  ) {
    this.#clock = clock;
    this.#route = route;
    this.a = a;
    this.b = b;
    this.isFine = burstBytes <= SCTP.payloadBytes;
    this.#fromA = new Flow(clock, random, { ...route, from: a.home, to: b.home }, SCTP, burstBytes);
    this.#fromB = new Flow(clock, random, { ...route, from: b.home, to: a.home }, SCTP, burstBytes);
  }

  /** The record of the frames that arrive at one end. */
  arrivalsAt(end: LinkEnd): ArrivalMeter {
    return (this.#arrivals[end === this.a ? 0 : 1] ??= new ArrivalMeter());
  }

  otherEnd(self: LinkEnd): LinkEnd {
    return self === this.a ? this.b : this.a;
  }

  flowFrom(end: LinkEnd): Flow {
    return end === this.a ? this.#fromA : this.#fromB;
  }

  /** The delay after which a message that one end sends now arrives at the other. */
  noticeMs(from: LinkEnd): Millis {
    return from.home.up.backlogMs(this.#clock.now) + this.#route.wayMs;
  }

  sendFrame(from: LinkEnd, frame: ControlFrame): void {
    this.flowFrom(from).send(new ControlMessage(this.otherEnd(from), from.id, frame));
  }

  sendFeedback(from: LinkEnd, feedback: Feedback): void {
    this.flowFrom(from).send(new FeedbackMessage(this.otherEnd(from), from.id, feedback));
  }

  /** Closes the link. Each end is told after its own delay. */
  close(toA: Millis, toB: Millis): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.#fromA.close();
    this.#fromB.close();
    this.#clock.after(toA, () => {
      this.a.linkClosed(this.b.id, this);
    });
    this.#clock.after(toB, () => {
      this.b.linkClosed(this.a.id, this);
    });
  }
}

class ControlMessage extends Message {
  readonly #to: LinkEnd;
  readonly #peer: PeerId;
  readonly #frame: ControlFrame;

  constructor(to: LinkEnd, peer: PeerId, frame: ControlFrame) {
    super(CONTROL_BYTES);
    this.#to = to;
    this.#peer = peer;
    this.#frame = frame;
  }

  override arrived(): void {
    this.#to.frameReceived(this.#peer, this.#frame);
  }
}

class FeedbackMessage extends Message {
  readonly #to: LinkEnd;
  readonly #peer: PeerId;
  readonly #feedback: Feedback;

  constructor(to: LinkEnd, peer: PeerId, feedback: Feedback) {
    super(CONTROL_BYTES);
    this.#to = to;
    this.#peer = peer;
    this.#feedback = feedback;
  }

  override arrived(): void {
    this.#to.feedbackReceived(this.#peer, this.#feedback);
  }
}
