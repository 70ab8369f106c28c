import {
  LIMITS,
  type PeerId,
  pieceBytes,
  type PieceFrame,
  type SegmentKey,
  segmentKey,
  setBounded,
} from '@freshet/protocol';

/**
 * Requests to one neighbour that are remembered: unanswered and cancelled ones. An answer can only be late by what the
 * neighbour had queued (far fewer pieces), so the oldest request may be dropped.
 */
const MAX_OWED = 2048;

/** A piece that was requested from a neighbour, which may still send it. */
interface Owed {
  readonly segmentBytes: number;
  /** The number of unanswered requests. A piece that was cancelled and requested again may arrive twice. */
  times: number;
}

/** The piece that is arriving. */
interface Partial {
  readonly id: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  received: number;
}

interface Sender {
  readonly owed: Map<string, Owed>;
  partial: Partial | undefined;
}

export type Assembled =
  | { readonly type: 'progress' }
  /** All bytes of the piece, not verified yet. */
  | { readonly type: 'piece'; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly type: 'fault'; readonly what: string };

/**
 * Assembles pieces from `piece` frames. Accepts only pieces that were requested, from the neighbour they were requested
 * from, and each frame only where the last one ended and not too short; anything else is a fault of the sender. A
 * cancelled piece may have been under way and is accepted as well. A piece that broke off starts again from its
 * beginning. Only one piece arrives at a time (F6), so pieces that broke off take no memory.
 */
export class PieceAssembler {
  readonly #senders = new Map<PeerId, Sender>();
  readonly #onBrokenOff: (bytes: number) => void;

  /** @param onBrokenOff gets the number of bytes of a piece that arrived and are of no use. */
  constructor(onBrokenOff: (bytes: number) => void) {
    this.#onBrokenOff = onBrokenOff;
  }

  /** A `request` was sent. */
  requested(peer: PeerId, key: SegmentKey, segmentBytes: number, pieces: Iterable<number>): void {
    let sender = this.#senders.get(peer);
    if (sender === undefined)
      this.#senders.set(peer, (sender = { owed: new Map<string, Owed>(), partial: undefined }));
    for (const piece of pieces) {
      const id = `${key} ${piece}`;
      const times = (sender.owed.get(id)?.times ?? 0) + 1;
      setBounded(sender.owed, id, { segmentBytes, times }, MAX_OWED);
    }
  }

  /** A `reject` arrived, which answers the request. */
  rejected(peer: PeerId, key: SegmentKey, pieces: Iterable<number>): void {
    const sender = this.#senders.get(peer);
    if (sender === undefined) return;
    for (const piece of pieces) answered(sender, `${key} ${piece}`);
  }

  take(peer: PeerId, frame: PieceFrame): Assembled {
    const id = `${segmentKey(frame.segment)} ${frame.piece}`;
    const sender = this.#senders.get(peer);
    const owed = sender?.owed.get(id);
    if (sender === undefined || owed === undefined)
      return { type: 'fault', what: 'a piece that was not requested' };
    if (frame.offset === 0) this.#begin(sender, id, pieceBytes(owed.segmentBytes, frame.piece));
    const { partial } = sender;
    if (partial?.id !== id || partial.received !== frame.offset)
      return { type: 'fault', what: 'frames of a piece out of order' };
    const { length } = frame.payload;
    const left = partial.bytes.length - partial.received;
    if (length > left || length < Math.min(left, LIMITS.payloadBytes))
      return { type: 'fault', what: 'a frame of the wrong length' };
    partial.bytes.set(frame.payload, partial.received);
    partial.received += length;
    if (length < left) return { type: 'progress' };
    sender.partial = undefined;
    answered(sender, id);
    return { type: 'piece', bytes: partial.bytes };
  }

  closed(peer: PeerId): void {
    const sender = this.#senders.get(peer);
    this.#senders.delete(peer);
    if (sender !== undefined) this.#breakOff(sender);
  }

  #begin(sender: Sender, id: string, size: number): void {
    this.#breakOff(sender);
    // A sender that begins again and again does not get new memory each time.
    const former = sender.partial?.bytes;
    sender.partial = { id, bytes: former?.length === size ? former : new Uint8Array(size), received: 0 };
  }

  #breakOff({ partial }: Sender): void {
    if (partial !== undefined) this.#onBrokenOff(partial.received);
  }
}

function answered({ owed }: Sender, id: string): void {
  const item = owed.get(id);
  if (item !== undefined && --item.times <= 0) owed.delete(id);
}
