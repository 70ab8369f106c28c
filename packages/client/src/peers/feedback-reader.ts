import { type FeedbackFrame, type Millis, type PeerId, TICKS_PER_MS, toTicks } from '@freshet/protocol';
import type { PeerEvent } from '@freshet/swarm';
import type { Pacer } from './pacer.ts';

/** Feedback on a frame that left longer ago says nothing about the line as it is now. */
const MAX_AGO_MS = 10_000;
/** Feedback in a second that matches no frame. A little may arrive late; more is a flood (B11). */
const MAX_STRAY = 500;

interface Sender {
  /** The first delay that the neighbour reported: the zero point of later ones, since its clock is its own. */
  zero: number | undefined;
  stray: number;
  straySince: Millis;
}

/**
 * Turns a neighbour's feedback into the core's event: converts ticks to times, and looks up what had been sent by then.
 */
export class FeedbackReader {
  readonly #pacer: Pick<Pacer, 'sentAt'>;
  readonly #senders = new Map<PeerId, Sender>();

  constructor(pacer: Pick<Pacer, 'sentAt'>) {
    this.#pacer = pacer;
  }

  /**
   * When no frame with that time stamp left lately, the feedback is late or forged. @returns undefined for it, or
   * `misbehaved` when there is a flood of it
   */
  read(peer: PeerId, { sentAt, delay }: FeedbackFrame, now: Millis): PeerEvent | undefined {
    let sender = this.#senders.get(peer);
    if (sender === undefined)
      this.#senders.set(peer, (sender = { zero: undefined, stray: 0, straySince: now }));
    const sent = this.#pacer.sentAt(sentAt);
    const agoMs = ((toTicks(now) - sentAt) >>> 0) / TICKS_PER_MS;
    if (sent === undefined || agoMs > MAX_AGO_MS) return stray(peer, sender, now);
    sender.zero ??= delay;
    // A signed difference, since both are modulo 2^32.
    const delayMs = ((delay - sender.zero) | 0) / TICKS_PER_MS;
    return { type: 'feedback', peer, feedback: { sentAt: now - agoMs, delay: delayMs, ...sent } };
  }

  closed(peer: PeerId): void {
    this.#senders.delete(peer);
  }
}

function stray(peer: PeerId, sender: Sender, now: Millis): PeerEvent | undefined {
  if (now - sender.straySince >= 1000) {
    sender.stray = 0;
    sender.straySince = now;
  }
  return ++sender.stray > MAX_STRAY ? { type: 'misbehaved', peer, what: 'a flood of feedback' } : undefined;
}
