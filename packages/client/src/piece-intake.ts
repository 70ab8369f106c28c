import { decodeFrame, type PeerId, type PieceFrame, segmentKey, type SegmentKey } from '@freshet/protocol';
import type { PeerEvent } from '@freshet/swarm';
import { PieceAssembler } from './piece-assembler.ts';
import type { PieceStore } from './piece-store.ts';
import { type Digest, matches } from './verify.ts';

/** What became of bytes that a neighbour sent. */
export interface IntakeCounts {
  verified(bytes: number): void;
  wasted(bytes: number): void;
}

/**
 * The way in from neighbours: messages to frames, frames to pieces, which are verified before they are stored and told
 * to the core. What no honest neighbour sends is told as misbehaviour.
 */
export class PieceIntake {
  readonly assembler = new PieceAssembler();
  readonly #store: PieceStore;
  readonly #digest: Digest;
  readonly #counts: IntakeCounts;
  readonly #dispatch: (event: PeerEvent) => void;

  constructor(store: PieceStore, digest: Digest, counts: IntakeCounts, dispatch: (event: PeerEvent) => void) {
    this.#store = store;
    this.#digest = digest;
    this.#counts = counts;
    this.#dispatch = dispatch;
  }

  /** One message of a neighbour, as it came. */
  hear(peer: PeerId, bytes: Uint8Array): void {
    const decoded = decodeFrame(bytes);
    if (!decoded.ok) {
      this.#dispatch({ type: 'misbehaved', peer, what: decoded.fault });
      return;
    }
    const { frame } = decoded;
    if (frame.type === 'piece') {
      this.#take(peer, frame);
      return;
    }
    if (frame.type === 'reject') this.assembler.rejected(peer, segmentKey(frame.segment), frame.pieces);
    this.#dispatch({ type: 'frame', peer, frame });
  }

  linkClosed(peer: PeerId): void {
    this.#counts.wasted(this.assembler.closed(peer));
  }

  #take(peer: PeerId, frame: PieceFrame): void {
    const segment = segmentKey(frame.segment);
    const { piece } = frame;
    const assembled = this.assembler.take(peer, frame);
    switch (assembled.type) {
      case 'fault':
        this.#counts.wasted(frame.payload.length);
        this.#dispatch({ type: 'misbehaved', peer, what: assembled.what });
        break;
      case 'progress':
        this.#dispatch({ type: 'piece-progress', peer, segment, piece });
        break;
      case 'piece':
        void this.#verify(peer, segment, piece, assembled.bytes);
        break;
    }
  }

  async #verify(
    peer: PeerId,
    segment: SegmentKey,
    piece: number,
    bytes: Uint8Array<ArrayBuffer>,
  ): Promise<void> {
    const expected = this.#store.hashOf(segment, piece);
    // Forgotten since it was asked for: nobody to judge it, and nobody who wants it.
    if (expected === undefined) {
      this.#counts.wasted(bytes.length);
      return;
    }
    const good = await matches(this.#digest, bytes, expected);
    const verdict = !good ? 'bad' : this.#store.put(segment, piece, bytes) ? 'good' : 'spare';
    if (verdict === 'good') this.#counts.verified(bytes.length);
    else this.#counts.wasted(bytes.length);
    this.#dispatch({ type: 'piece-arrived', peer, segment, piece, verdict });
  }
}
