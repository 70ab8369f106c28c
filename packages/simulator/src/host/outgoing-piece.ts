import { FRAME_PAYLOAD_BYTES, type Millis, type SegmentKey } from '@freshet/protocol';
import { Message } from '../network/message.ts';
import type { LinkEnd, SimLink, Stamp } from '../network/sim-link.ts';

/** Bytes of a `piece` frame's header and of the chunk that carries the frame. */
export const FRAME_OVERHEAD = 24;
/**
 * A rest of up to this size after the last full frame is sent with that frame: pieces are 16 KiB, frames a little less.
 */
const REMNANT_BYTES = 100;

interface Outgoing {
  readonly segment: SegmentKey;
  readonly piece: number;
  readonly bytes: number;
  readonly isGenuine: boolean;
  /** The backlog that the sender states in its frames. */
  readonly backlogMs?: Millis;
}

/** A piece that was handed to a link, as a queue of frames. */
export class OutgoingPiece {
  readonly link: SimLink;
  readonly from: LinkEnd;
  readonly to: LinkEnd;
  readonly segment: SegmentKey;
  readonly piece: number;
  readonly bytes: number;
  readonly isGenuine: boolean;
  readonly backlogMs: Millis;
  /** Payload bytes that are in no frame yet. */
  left: number;

  constructor(link: SimLink, from: LinkEnd, outgoing: Outgoing) {
    this.link = link;
    this.from = from;
    this.to = link.otherEnd(from);
    this.segment = outgoing.segment;
    this.piece = outgoing.piece;
    this.bytes = this.left = outgoing.bytes;
    this.isGenuine = outgoing.isGenuine;
    this.backlogMs = outgoing.backlogMs ?? 0;
  }

  /** The bytes of the frame that `nextFrame` would make. */
  get nextBytes(): number {
    return this.#payload(FRAME_PAYLOAD_BYTES) + FRAME_OVERHEAD;
  }

  /** @param stamp the pacer's record of the frame */
  nextFrame(stamp?: Stamp, most: number = FRAME_PAYLOAD_BYTES): PieceFrame {
    const payload = this.#payload(most);
    this.left -= payload;
    return new PieceFrame(this, payload, this.left === 0, stamp);
  }

  #payload(most: number): number {
    return this.left <= most + (this.link.isFine ? 0 : REMNANT_BYTES) ? this.left : most;
  }
}

export class PieceFrame extends Message {
  readonly of: OutgoingPiece;
  readonly payload: number;
  readonly isLast: boolean;
  readonly stamp: Stamp | undefined;

  constructor(of: OutgoingPiece, payload: number, isLast: boolean, stamp: Stamp | undefined) {
    super(payload + FRAME_OVERHEAD);
    this.of = of;
    this.payload = payload;
    this.isLast = isLast;
    this.stamp = stamp;
  }

  override left(bytes: number): void {
    this.of.from.pieceBytesLeft((bytes * this.payload) / this.bytes);
  }

  override arrived(): void {
    this.of.to.pieceFrameReceived(this);
  }
}
