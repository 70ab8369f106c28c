import {
  encodeFrame,
  FRAME_PAYLOAD_BYTES,
  type Millis,
  type PeerId,
  PIECE_HEADER,
  toTicks,
} from '@freshet/protocol';
import type { PeerLink } from './peer-link.ts';
import { isSamePiece, type PieceTag } from './piece-tag.ts';
import { type Sent, SendLog } from './send-log.ts';
import { type CallOff, setAlarm } from '../util/alarm.ts';
import type { Clock } from '../util/clock.ts';

/** Bytes that a browser puts into one packet of a data channel. A frame of whole packets wastes none. */
const PACKET_BYTES = 1160;
const MAX_PACKETS = Math.floor((FRAME_PAYLOAD_BYTES + PIECE_HEADER) / PACKET_BYTES);
/** A frame holds what the line carries in this time, in whole packets. Shorter frames cost CPU, longer ones queue. */
const FRAME_MS = 18;
/** The delay of a late timer is made up for, up to this much: more would leave as a burst. */
const CATCH_UP_MS = 20;
/** When nothing left for this long, a run ends: frames before and after it cannot be measured together. */
const PAUSE_MS = 30;
/**
 * A frame that leaves its channel sooner was held up by the hand-over between two threads, not by a full congestion
 * window.
 */
const HELD_MS = 20;
/** Bytes per millisecond until the core sets the pace. */
const FIRST_RATE = 32;

interface Outgoing {
  readonly peer: PeerId;
  readonly link: PeerLink;
  readonly tag: PieceTag;
  readonly bytes: Uint8Array;
  readonly backlogMs: number;
  offset: number;
}

export interface PacerHandlers {
  /** The channel took the last frame of a piece. */
  onPieceSent(peer: PeerId, tag: PieceTag): void;
  /** This many bytes of unfinished pieces left; the rest will not. */
  onPieceBrokenOff(bytes: number): void;
}

/**
 * Sends frames of pieces at the pace that the core sets, over all links together, so that nothing queues in the modem
 * or in SCTP. The first piece goes first; while its link is full, the next one goes. The core decides how many pieces
 * wait here: it hands over what leaves within a moment.
 */
export class Pacer {
  readonly #clock: Clock;
  readonly #handlers: PacerHandlers;
  readonly #log = new SendLog();
  readonly #queue: Outgoing[] = [];
  /** The last frame put into each link's channel, until the channel is empty. */
  readonly #inChannel = new Map<PeerLink, { readonly sent: Sent; readonly at: Millis }>();
  #bytesPerMs = FIRST_RATE;
  /** When the next frame may leave. */
  #freeAt: Millis = 0;
  #callOff: CallOff | undefined;
  #firesAt: Millis = 0;
  #isPumping = false;

  constructor(clock: Clock, handlers: PacerHandlers) {
    this.#clock = clock;
    this.#handlers = handlers;
  }

  set bytesPerMs(rate: number) {
    this.#bytesPerMs = rate;
  }

  /** The record of the frame with this time stamp; undefined when there was none, or it left long ago. */
  sentAt(ticks: number): ReturnType<SendLog['at']> {
    return this.#log.at(ticks);
  }

  add(peer: PeerId, link: PeerLink, tag: PieceTag, bytes: Uint8Array, backlogMs: number): void {
    // Idle time is not made up for.
    if (this.#queue.length === 0 && !this.#isPumping) this.#resume(this.#clock(), 0);
    this.#queue.push({ peer, link, tag, bytes, backlogMs, offset: 0 });
    this.pump();
  }

  /** Sends nothing more of the piece. */
  recall(peer: PeerId, tag: Pick<PieceTag, 'segment' | 'piece'>): void {
    this.#breakOff((outgoing) => outgoing.peer === peer && isSamePiece(outgoing.tag, tag));
  }

  /** The channel of a link is empty: what it held has left. */
  drained(link: PeerLink): void {
    const last = this.#inChannel.get(link);
    this.#inChannel.delete(link);
    const heldMs = last === undefined ? 0 : this.#clock() - last.at;
    if (last !== undefined && heldMs >= HELD_MS) last.sent.heldMs = heldMs;
    this.pump();
  }

  closed(link: PeerLink): void {
    this.#inChannel.delete(link);
    this.#breakOff((outgoing) => outgoing.link === link);
  }

  close(): void {
    this.#queue.length = 0;
    this.#inChannel.clear();
    this.#sleep();
  }

  /**
   * Sends what may leave now. Called by the alarm, when a channel is ready again, when a piece is added, and whenever a
   * message arrives: a hidden page that may have no worker gets its alarms only once a second.
   */
  pump(): void {
    // `onPieceSent` may lead to another call: the running loop then continues with what was added.
    if (this.#queue.length === 0 || this.#isPumping) return;
    this.#isPumping = true;
    try {
      this.#sendDue();
    } finally {
      this.#isPumping = false;
    }
  }

  #sendDue(): void {
    while (this.#queue.length > 0) {
      const now = this.#clock();
      if (now < this.#freeAt) {
        this.#wakeAt(this.#freeAt, now);
        return;
      }
      const outgoing = this.#next();
      // Every link is full: the first one that is ready again calls `pump`.
      if (outgoing === undefined) break;
      this.#resume(now, CATCH_UP_MS);
      this.#freeAt += this.#send(outgoing, now) / this.#bytesPerMs;
      if (outgoing.offset === outgoing.bytes.length && this.#remove(outgoing))
        this.#handlers.onPieceSent(outgoing.peer, outgoing.tag);
    }
    this.#sleep();
  }

  /**
   * The first piece whose link takes a frame. Of each link only the first piece counts: frames of two pieces are not
   * mixed (F6).
   */
  #next(): Outgoing | undefined {
    const seen = new Set<PeerLink>();
    for (const outgoing of this.#queue) {
      if (seen.has(outgoing.link)) continue;
      if (outgoing.link.isReady) return outgoing;
      seen.add(outgoing.link);
    }
    return undefined;
  }

  /** Nothing left since `#freeAt`. @param mostMs the most of that time that is made up for. */
  #resume(now: Millis, mostMs: Millis): void {
    if (now - this.#freeAt > PAUSE_MS) this.#log.pause();
    this.#freeAt = Math.max(this.#freeAt, now - mostMs);
  }

  /** @returns the bytes that left. */
  #send(outgoing: Outgoing, now: Millis): number {
    const { link, tag, bytes, backlogMs, offset } = outgoing;
    const { segment, piece } = tag;
    const sentAt = toTicks(now);
    const payload = bytes.subarray(offset, offset + this.#payloadBytes);
    link.sendBulk(encodeFrame({ type: 'piece', segment, piece, offset, sentAt, backlogMs, payload }));
    this.#inChannel.set(link, { sent: this.#log.sent(sentAt, payload.length), at: now });
    outgoing.offset += payload.length;
    return payload.length;
  }

  /** Payload bytes of a frame. The last frame of a piece may be shorter. */
  get #payloadBytes(): number {
    const packets = Math.floor((this.#bytesPerMs * FRAME_MS) / PACKET_BYTES);
    return Math.min(MAX_PACKETS, Math.max(1, packets)) * PACKET_BYTES - PIECE_HEADER;
  }

  #breakOff(fits: (outgoing: Outgoing) => boolean): void {
    let bytes = 0;
    for (const outgoing of this.#queue.filter(fits)) {
      this.#remove(outgoing);
      bytes += outgoing.offset;
    }
    if (this.#queue.length === 0) this.#sleep();
    if (bytes > 0) this.#handlers.onPieceBrokenOff(bytes);
  }

  /** @returns whether it was queued: its link may have closed while it was sent. */
  #remove(outgoing: Outgoing): boolean {
    const at = this.#queue.indexOf(outgoing);
    if (at >= 0) this.#queue.splice(at, 1);
    return at >= 0;
  }

  /** Keeps an alarm that is already set for this time: usually nothing has left since. */
  #wakeAt(at: Millis, now: Millis): void {
    if (this.#callOff !== undefined && this.#firesAt === at) return;
    this.#sleep();
    this.#firesAt = at;
    // Browsers cut off fractions, and the timer would fire too early.
    this.#callOff = setAlarm(
      () => {
        this.#callOff = undefined;
        this.pump();
      },
      Math.ceil(at - now),
    );
  }

  #sleep(): void {
    this.#callOff?.();
    this.#callOff = undefined;
  }
}
