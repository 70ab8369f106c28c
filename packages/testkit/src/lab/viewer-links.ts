import {
  type ControlFrame,
  decodeFrame,
  encodeFrame,
  type PeerId,
  type SegmentKey,
  segmentKey,
} from '@freshet/protocol';
import type { Feedback } from '@freshet/swarm';
import type { PeerHost } from '@freshet/simulator';
import type { LabLink, LinkHost, PieceInTransit } from '../network/lab-link.ts';
import type { PacedUplink } from '../network/paced-uplink.ts';

/**
 * How a viewer serves: `honest`; `silent`: announces pieces and never sends them; `polluting`: sends corrupt pieces.
 */
export type Serving = 'honest' | 'silent' | 'polluting';

/** A viewer's end of its links: frames pass through the real codec, and pieces are verified on arrival. */
export class ViewerLinks implements LinkHost {
  readonly id: PeerId;
  readonly uplink: PacedUplink;
  serving: Serving;
  readonly #host: PeerHost;
  readonly #open = new Map<PeerId, LabLink>();
  readonly #sending = new Set<PieceInTransit & { readonly peer: PeerId }>();
  /**
   * The number of unanswered requests of each piece on each link. A piece that was cancelled and requested again may
   * arrive twice. A piece without an entry was never requested.
   */
  readonly #asked = new Map<PeerId, Map<string, number>>();
  goodBytes = 0;
  /** Genuine bytes that were already held, or whose segment was forgotten. */
  spareBytes = 0;
  badBytes = 0;
  uploadedBytes = 0;

  constructor(id: PeerId, uplink: PacedUplink, serving: Serving, host: PeerHost) {
    this.id = id;
    this.uplink = uplink;
    this.serving = serving;
    this.#host = host;
  }

  get peers(): readonly PeerId[] {
    return [...this.#open.keys()];
  }

  send(peer: PeerId, frame: ControlFrame): void {
    if (this.serving === 'silent' && frame.type === 'reject') return;
    if (frame.type === 'request') {
      const asked = this.#asked.get(peer);
      for (const piece of frame.pieces) {
        const item = `${segmentKey(frame.segment)} ${piece}`;
        asked?.set(item, (asked.get(item) ?? 0) + 1);
      }
    }
    this.sendBytes(peer, encodeFrame(frame));
  }

  /** Sends any bytes, for tests of dishonest viewers. */
  sendBytes(peer: PeerId, bytes: Uint8Array): void {
    this.#open.get(peer)?.sendFrame(this, bytes);
  }

  sendPiece(peer: PeerId, segment: SegmentKey, piece: number, backlogMs: number): void {
    if (this.serving === 'silent') return;
    const bytes = this.#host.store.bytesOf(segment, piece);
    const genuine = this.serving === 'honest';
    const sending = { peer, segment, piece, bytes, genuine, backlogMs, isRecalled: false };
    this.#sending.add(sending);
    this.#open.get(peer)?.sendPiece(this, sending, () => {
      this.#sending.delete(sending);
      if (sending.isRecalled) return;
      this.uploadedBytes += bytes;
      this.#host.tell({ type: 'piece-sent', peer, segment, piece });
    });
  }

  recallPiece(peer: PeerId, segment: SegmentKey, piece: number): void {
    for (const sending of this.#sending)
      if (sending.peer === peer && sending.segment === segment && sending.piece === piece) {
        sending.isRecalled = true;
        this.#sending.delete(sending);
      }
  }

  linkOpened(link: LabLink): void {
    const peer = link.otherEnd(this.id).id;
    this.#open.set(peer, link);
    this.#asked.set(peer, new Map());
    this.#host.tell({ type: 'link-open', peer });
  }

  linkClosed(peer: PeerId, link: LabLink | undefined): void {
    if (this.#open.get(peer) === link) {
      for (const sending of this.#sending) if (sending.peer === peer) this.#sending.delete(sending);
      this.#open.delete(peer);
      this.#asked.delete(peer);
    }
    this.#host.tell({ type: 'link-closed', peer });
  }

  frameReceived(peer: PeerId, bytes: Uint8Array): void {
    const decoded = decodeFrame(bytes);
    if (!decoded.ok) this.#host.tell({ type: 'misbehaved', peer, what: decoded.fault });
    else if (decoded.frame.type === 'piece')
      this.#host.tell({ type: 'misbehaved', peer, what: 'a piece not asked for' });
    else if (decoded.frame.type !== 'feedback')
      this.#host.tell({ type: 'frame', peer, frame: decoded.frame });
  }

  pieceProgressed(peer: PeerId, { segment, piece, backlogMs }: PieceInTransit): void {
    this.#host.tell({ type: 'piece-progress', peer, segment, piece, backlogMs });
  }

  fedBack(peer: PeerId, feedback: Feedback): void {
    this.#host.tell({ type: 'feedback', peer, feedback });
  }

  pieceReceived(peer: PeerId, { segment, piece, bytes, genuine }: PieceInTransit): void {
    if (!this.#wasAsked(peer, `${segment} ${piece}`)) {
      this.#host.tell({ type: 'misbehaved', peer, what: 'a piece not asked for' });
      return;
    }
    if (!this.#host.store.isAnnounced(segment)) {
      this.spareBytes += bytes;
      return;
    }
    const verdict = !genuine ? 'bad' : this.#host.store.put(segment, piece) ? 'good' : 'spare';
    if (verdict === 'good') this.goodBytes += bytes;
    else if (verdict === 'spare') this.spareBytes += bytes;
    else this.badBytes += bytes;
    this.#host.tell({ type: 'piece-arrived', peer, segment, piece, verdict });
  }

  /**
   * Consumes one request.
   * @returns whether there was one.
   */
  #wasAsked(peer: PeerId, item: string): boolean {
    const asked = this.#asked.get(peer);
    const times = asked?.get(item) ?? 0;
    if (times > 1) asked?.set(item, times - 1);
    else asked?.delete(item);
    return times > 0;
  }
}
