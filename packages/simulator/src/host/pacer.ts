import { FRAME_PAYLOAD_BYTES, type Millis, type SegmentKey } from '@freshet/protocol';
import { Entry, type VirtualClock } from '../clock/virtual-clock.ts';
import type { Flow } from '../network/flow.ts';
import type { SimLink, Stamp } from '../network/sim-link.ts';
import { SCTP } from '../network/transport.ts';
import { FRAME_OVERHEAD, type OutgoingPiece } from './outgoing-piece.ts';

/** Bytes a millisecond until the core sets a pace. */
const FIRST_PACE = 32;
/** A frame that leaves its channel within this time was delayed by the two threads, not by a full window. */
const HELD_MS = 20;
/**
 * A frame holds what leaves in this time, in whole packets. In bursts it holds more, so that a piece takes one or a few
 * events.
 */
const FRAME_MS = 10;
const COARSE_FRAME_MS = 60;
/** A pause of this length with nothing to send ends a run. */
const PAUSE_MS = 30;

/**
 * The host's pacer: frames of pieces leave at the rate that the core sets, over all links together. Pieces leave in the
 * order in which they were handed over, but a piece whose link is full lets the next go first.
 */
export class Pacer extends Entry {
  readonly #clock: VirtualClock;
  readonly #isFine: boolean;
  readonly #queue: OutgoingPiece[] = [];
  /** Frames that wait for their channels' windows. */
  readonly #held = new Map<Flow, Stamp[]>();
  #bytesPerMs = FIRST_PACE;
  /** The time at which the next frame may leave. */
  #freeAt: Millis = 0;
  /** The piece whose frame leaves next, if any. The pacer waits for the time of that frame. */
  #leaving: OutgoingPiece | undefined;
  #leavingBytes = 0;
  #leavesSince: Millis = 0;
  #sentBytes = 0;
  #run = 0;

  /** @param burstBytes as in `Internet` */
  constructor(clock: VirtualClock, burstBytes: number) {
    super();
    this.#clock = clock;
    this.#isFine = burstBytes <= SCTP.payloadBytes;
  }

  pace(bytesPerMs: number): void {
    this.#bytesPerMs = bytesPerMs;
    this.#next();
  }

  send(piece: OutgoingPiece): void {
    const flow = flowOf(piece);
    flow.onEmpty ??= () => {
      this.#drained(flow);
      this.#next();
    };
    this.#queue.push(piece);
    this.#next();
  }

  recall(link: SimLink, segment: SegmentKey, piece: number): void {
    this.#remove((one) => one.link === link && one.segment === segment && one.piece === piece);
  }

  closed(link: SimLink): void {
    this.#remove((one) => one.link === link);
  }

  #next(): void {
    if (this.#leaving !== undefined || this.#bytesPerMs <= 0) return;
    const piece = this.#nextPiece();
    if (piece === undefined) return;
    const { now } = this.#clock;
    if (now > this.#freeAt + PAUSE_MS) this.#run++;
    this.#freeAt = Math.max(this.#freeAt, now);
    const bytes = Math.min(piece.left, this.#frameBytes);
    const startAt = this.#freeAt;
    this.#freeAt += bytes / this.#bytesPerMs;
    this.#leaving = piece;
    this.#leavingBytes = bytes;
    this.#leavesSince = startAt;
    // A frame leaves at its start time, and the pacer waits after it. A burst stands for frames that leave one by one,
    // and is one event at its end.
    this.#clock.enter(this, this.#isFine ? startAt : this.#freeAt);
  }

  #nextPiece(): OutgoingPiece | undefined {
    for (const piece of this.#queue) if (!this.#isFull(flowOf(piece))) return piece;
    return undefined;
  }

  override run(): void {
    const piece = this.#leaving;
    this.#leaving = undefined;
    if (piece !== undefined && this.#queue.includes(piece))
      this.#leave(piece, this.#leavingBytes, this.#leavesSince);
    this.#next();
  }

  #leave(piece: OutgoingPiece, bytes: number, since: Millis): void {
    const { now } = this.#clock;
    this.#sentBytes += bytes;
    const stamp: Stamp = { sentAt: now, sentBytes: this.#sentBytes, run: this.#run, heldMs: 0 };
    const flow = flowOf(piece);
    flow.send(piece.nextFrame(stamp, bytes), since);
    if (flow.unsentBytes > 0) this.#hold(flow, stamp);
    if (piece.left > 0) return;
    this.#remove((one) => one === piece);
    piece.from.pieceSent(piece);
  }

  #hold(flow: Flow, stamp: Stamp): void {
    const held = this.#held.get(flow);
    if (held === undefined) this.#held.set(flow, [stamp]);
    else held.push(stamp);
  }

  #drained(flow: Flow): void {
    for (const stamp of this.#held.get(flow) ?? []) {
      const heldMs = this.#clock.now - stamp.sentAt;
      if (heldMs >= HELD_MS) stamp.heldMs = heldMs;
    }
    this.#held.delete(flow);
  }

  #remove(fits: (piece: OutgoingPiece) => boolean): void {
    for (let i = this.#queue.length - 1; i >= 0; i--) {
      const piece = this.#queue[i];
      if (piece !== undefined && fits(piece)) this.#queue.splice(i, 1);
    }
  }

  /** A link is full until its channel has sent the previous frame, as far as a page can tell. */
  #isFull({ unsentBytes, buffered }: Flow): boolean {
    return unsentBytes > 0 && buffered.at(this.#clock.now) > 0;
  }

  get #frameBytes(): number {
    const { payloadBytes } = SCTP;
    const frameMs = this.#isFine ? FRAME_MS : COARSE_FRAME_MS;
    const packets = Math.max(1, Math.floor((this.#bytesPerMs * frameMs) / payloadBytes));
    return Math.min(FRAME_PAYLOAD_BYTES, packets * payloadBytes - FRAME_OVERHEAD);
  }
}

function flowOf({ link, from }: OutgoingPiece): Flow {
  return link.flowFrom(from);
}
