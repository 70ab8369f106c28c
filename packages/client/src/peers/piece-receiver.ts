import { decodeFrame, type PeerId, type PieceFrame, segmentKey, type SegmentKey } from '@freshet/protocol';
import type { PeerEvent } from '@freshet/swarm';
import { ArrivalMeter } from './arrival-meter.ts';
import type { FeedbackReader } from './feedback-reader.ts';
import type { PeerLinks } from './peer-links.ts';
import { PieceAssembler } from './piece-assembler.ts';
import type { PieceStore } from '../store/piece-store.ts';
import { type Digest, matches } from '../store/verify.ts';
import type { Clock } from '../util/clock.ts';

/** Counts what became of the bytes that neighbours sent. */
export interface ReceivedCounts {
  verified(bytes: number): void;
  wasted(bytes: number): void;
}

/**
 * Receives messages from neighbours: decodes frames, assembles pieces, and verifies them before they are stored and
 * reported to the core. Anything that no honest neighbour sends is reported as misbehaviour.
 */
export class PieceReceiver {
  readonly assembler: PieceAssembler;
  readonly #store: PieceStore;
  readonly #digest: Digest;
  readonly #counts: ReceivedCounts;
  readonly #links: Pick<PeerLinks, 'send'>;
  readonly #feedback: Pick<FeedbackReader, 'read' | 'closed'>;
  readonly #clock: Clock;
  readonly #dispatch: (event: PeerEvent) => void;
  readonly #arrivals = new ArrivalMeter();

  constructor(
    store: PieceStore,
    digest: Digest,
    counts: ReceivedCounts,
    links: Pick<PeerLinks, 'send'>,
    feedback: Pick<FeedbackReader, 'read' | 'closed'>,
    clock: Clock,
    dispatch: (event: PeerEvent) => void,
  ) {
    this.#store = store;
    this.#links = links;
    this.#feedback = feedback;
    this.#clock = clock;
    this.#digest = digest;
    this.#counts = counts;
    this.assembler = new PieceAssembler((bytes) => {
      counts.wasted(bytes);
    });
    this.#dispatch = dispatch;
  }

  /** Takes one message from a neighbour, as received. */
  receive(peer: PeerId, bytes: Uint8Array): void {
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
    if (frame.type === 'feedback') {
      const event = this.#feedback.read(peer, frame, this.#clock());
      if (event !== undefined) this.#dispatch(event);
      return;
    }
    if (frame.type === 'reject') this.assembler.rejected(peer, segmentKey(frame.segment), frame.pieces);
    this.#dispatch({ type: 'frame', peer, frame });
  }

  linkClosed(peer: PeerId): void {
    this.assembler.closed(peer);
    this.#arrivals.closed(peer);
    this.#feedback.closed(peer);
  }

  #take(peer: PeerId, frame: PieceFrame): void {
    const segment = segmentKey(frame.segment);
    const { piece } = frame;
    const assembled = this.assembler.take(peer, frame);
    if (assembled.type !== 'fault') {
      const arrival = { sentAt: frame.sentAt, bytes: frame.payload.length };
      const due = this.#arrivals.arrived(peer, arrival, assembled.type === 'piece', this.#clock());
      if (due !== undefined) this.#links.send(peer, due);
    }
    switch (assembled.type) {
      case 'fault':
        this.#counts.wasted(frame.payload.length);
        this.#dispatch({ type: 'misbehaved', peer, what: assembled.what });
        break;
      case 'progress':
        this.#dispatch({ type: 'piece-progress', peer, segment, piece, backlogMs: frame.backlogMs });
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
    // The segment was forgotten since the request: the piece can no longer be judged and is not needed.
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
