import { type Millis, type PeerId, type SegmentKey } from '@freshet/protocol';
import type { VirtualClock } from '@freshet/simulator';
import type { Feedback } from '@freshet/swarm';
import type { PacedUplink } from './paced-uplink.ts';

/** Frames on a thin line are short, so that the next time stamp does not wait for a long one. */
const FRAME_BYTES = 2048;
/** The receiver sends feedback after this many bytes, and at the end of a piece. */
const FEEDBACK_BYTES = 8192;

/** A piece on its way. The lab moves no bytes, only their number and whether they are genuine. */
export interface PieceInTransit {
  readonly segment: SegmentKey;
  readonly piece: number;
  readonly bytes: number;
  readonly genuine: boolean;
  readonly backlogMs: Millis;
  /** Whether the frames that have not left yet are dropped. */
  isRecalled: boolean;
}

/** One end of a link, as the host of a viewer sees it. */
export interface LinkHost {
  readonly id: PeerId;
  /** Shared by all its links. */
  readonly uplink: PacedUplink;
  linkOpened(link: LabLink): void;
  linkClosed(peer: PeerId, link: LabLink | undefined): void;
  frameReceived(peer: PeerId, bytes: Uint8Array): void;
  pieceProgressed(peer: PeerId, piece: PieceInTransit): void;
  pieceReceived(peer: PeerId, piece: PieceInTransit): void;
  fedBack(peer: PeerId, feedback: Feedback): void;
}

/**
 * An open data channel between two viewers. Control frames take the latency. Pieces first leave through the sender's
 * uplink, frame by frame. Frames that left before the link ended still arrive at an end that has not noticed it yet.
 */
export class LabLink {
  readonly #clock: VirtualClock;
  readonly #ends: readonly [LinkHost, LinkHost];
  readonly #latencyMs: Millis;
  readonly #closedFor = new Set<PeerId>();
  #open = true;

  constructor(clock: VirtualClock, ends: readonly [LinkHost, LinkHost], latencyMs: Millis) {
    this.#clock = clock;
    this.#ends = ends;
    this.#latencyMs = latencyMs;
  }

  get isOpen(): boolean {
    return this.#open;
  }

  otherEnd(self: PeerId): LinkHost {
    const [a, b] = this.#ends;
    return a.id === self ? b : a;
  }

  sendFrame(from: LinkHost, bytes: Uint8Array): void {
    if (!this.#open) return;
    const to = this.otherEnd(from.id);
    this.#arrive(to, () => {
      to.frameReceived(from.id, bytes);
    });
  }

  /** @param sent called when the last frame left the sender. Not called when the link ends first. */
  sendPiece(from: LinkHost, piece: PieceInTransit, sent: () => void): void {
    const to = this.otherEnd(from.id);
    let least = Number.POSITIVE_INFINITY;
    for (let left = piece.bytes; left > 0; left -= FRAME_BYTES) {
      const isLast = left <= FRAME_BYTES;
      const tells = isLast || (piece.bytes - left) % FEEDBACK_BYTES === 0;
      from.uplink.put(
        Math.min(left, FRAME_BYTES),
        () => this.#open && !piece.isRecalled,
        (stamp) => {
          if (!this.#open) return;
          if (isLast) sent();
          this.#arrive(to, () => {
            least = Math.min(least, this.#clock.now - stamp.sentAt);
            if (tells) this.#feedBack(from, to, { ...stamp, delay: least });
            if (tells) least = Number.POSITIVE_INFINITY;
            if (isLast) to.pieceReceived(from.id, piece);
            else to.pieceProgressed(from.id, piece);
          });
        },
      );
    }
  }

  /** Closes the link. The end that closes knows at once, the other after `noticeMs`. */
  close(by: PeerId, noticeMs: Millis = this.#latencyMs): void {
    if (!this.#open) return;
    this.#open = false;
    this.#closedFor.add(by);
    for (const end of this.#ends) {
      const other = this.otherEnd(end.id);
      this.#clock.after(end.id === by ? 0 : noticeMs, () => {
        this.#closedFor.add(end.id);
        end.linkClosed(other.id, this);
      });
    }
  }

  #feedBack(from: LinkHost, to: LinkHost, feedback: Feedback): void {
    this.#arrive(from, () => {
      from.fedBack(to.id, feedback);
    });
  }

  #arrive(to: LinkHost, deliver: () => void): void {
    this.#clock.after(this.#latencyMs, () => {
      if (!this.#closedFor.has(to.id)) deliver();
    });
  }
}
