import type { Millis } from '@freshet/protocol';

const PACKET_BYTES = 1200;
/** SCTP's least retransmission timeout: a control frame lost on an idle link waits for it. */
const LEAST_RTO_MS = 1000;
/** A loss in the middle of a piece is seen by later packets: fast retransmit, after about this many round trips. */
const FAST_RETRANSMIT_RTTS = 1.5;
/** A smaller message has too few packets after it for a fast retransmit. */
const FEW_PACKETS = 4;

/**
 * One direction of an ordered data channel: latency, jitter and loss, where loss is only ever seen as delay. Control
 * frames go before waiting pieces, as the client's outlet sends them, so each kind keeps an order of its own.
 */
export class Path {
  readonly #roundTripMs: Millis;
  readonly #loss: number;
  readonly #jitterMs: Millis;
  readonly #random: () => number;
  #lastControl: Millis = 0;
  #lastPiece: Millis = 0;

  constructor(roundTripMs: Millis, loss: number, jitterMs: Millis, random: () => number) {
    this.#roundTripMs = roundTripMs;
    this.#loss = loss;
    this.#jitterMs = jitterMs;
    this.#random = random;
  }

  /** @returns when `bytes` whose last has left at `leftAt` arrive: never before what was sent earlier. */
  arrival(bytes: number, leftAt: Millis): Millis {
    const packets = Math.ceil(bytes / PACKET_BYTES);
    let delay = this.#roundTripMs / 2 + this.#random() * this.#jitterMs;
    if (this.#random() < 1 - (1 - this.#loss) ** packets)
      delay +=
        packets < FEW_PACKETS
          ? Math.max(LEAST_RTO_MS, this.#roundTripMs)
          : FAST_RETRANSMIT_RTTS * this.#roundTripMs;
    if (packets < FEW_PACKETS) return (this.#lastControl = Math.max(this.#lastControl, leftAt + delay));
    return (this.#lastPiece = Math.max(this.#lastPiece, leftAt + delay));
  }
}
