import {
  FRAME_PAYLOAD_BYTES,
  pieceBytes,
  type PeerId,
  type PieceFrame,
  type SegmentKey,
  segmentKey,
} from '@freshet/protocol';
import { remember } from './remember.ts';

/**
 * Requests of one neighbour that are remembered, answered or taken back. An answer can only come late by what the
 * neighbour had queued (far fewer), so that the oldest may go when there are more.
 */
const MAX_OWED = 2048;

/** A piece that a neighbour was asked for and may still send. */
interface Owed {
  readonly segmentBytes: number;
  /** How often it was asked for without an answer: taken back and asked again, it may come twice. */
  times: number;
  partial: Uint8Array<ArrayBuffer> | undefined;
  received: number;
}

export type Assembled =
  | { readonly type: 'progress' }
  /** All bytes of the piece, not verified. */
  | { readonly type: 'piece'; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly type: 'fault'; readonly what: string };

/**
 * Puts pieces together from `piece` frames. Only pieces that were really requested are taken, from whom they were
 * requested, each frame where the last one ended and as long as it must be: anything else is a fault of the sender.
 * What was taken back by `cancel` may have been under way and is taken as well.
 */
export class PieceAssembler {
  readonly #owed = new Map<PeerId, Map<string, Owed>>();

  /** A `request` was sent. */
  requested(peer: PeerId, key: SegmentKey, segmentBytes: number, pieces: Iterable<number>): void {
    let owed = this.#owed.get(peer);
    if (owed === undefined) this.#owed.set(peer, (owed = new Map<string, Owed>()));
    for (const piece of pieces) {
      const id = `${key} ${piece}`;
      const known = owed.get(id);
      const next =
        known === undefined
          ? { segmentBytes, times: 1, partial: undefined, received: 0 }
          : { ...known, times: known.times + 1 };
      remember(owed, id, next, MAX_OWED);
    }
  }

  /** A `reject` came: that answers the request. */
  rejected(peer: PeerId, key: SegmentKey, pieces: Iterable<number>): void {
    for (const piece of pieces) this.#answered(peer, `${key} ${piece}`);
  }

  take(peer: PeerId, frame: PieceFrame): Assembled {
    const id = `${segmentKey(frame.segment)} ${frame.piece}`;
    const owed = this.#owed.get(peer)?.get(id);
    if (owed === undefined) return { type: 'fault', what: 'a piece that was not requested' };
    const size = pieceBytes(owed.segmentBytes, frame.piece);
    if (frame.offset !== owed.received) return { type: 'fault', what: 'frames of a piece out of order' };
    const due = Math.min(FRAME_PAYLOAD_BYTES, size - owed.received);
    if (frame.payload.length !== due) return { type: 'fault', what: 'a frame of the wrong length' };
    owed.partial ??= new Uint8Array(size);
    owed.partial.set(frame.payload, owed.received);
    owed.received += due;
    if (owed.received < size) return { type: 'progress' };
    const bytes = owed.partial;
    owed.partial = undefined;
    owed.received = 0;
    this.#answered(peer, id);
    return { type: 'piece', bytes };
  }

  /** The link closed. @returns bytes of pieces that broke off. */
  closed(peer: PeerId): number {
    let lost = 0;
    for (const { received } of this.#owed.get(peer)?.values() ?? []) lost += received;
    this.#owed.delete(peer);
    return lost;
  }

  clear(): void {
    this.#owed.clear();
  }

  #answered(peer: PeerId, id: string): void {
    const owed = this.#owed.get(peer);
    const item = owed?.get(id);
    if (owed === undefined || item === undefined) return;
    if (--item.times <= 0) owed.delete(id);
  }
}
