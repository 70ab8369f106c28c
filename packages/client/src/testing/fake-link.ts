import { decodeFrame, type PieceFrame } from '@freshet/protocol';
import type { PeerLink } from '../peers/peer-link.ts';

/** A link whose channel is ready when the test says so, and that records what it is given. */
export class FakeLink implements PeerLink {
  readonly frames: PieceFrame[] = [];
  /** Lengths of the messages that carried these frames. */
  readonly lengths: number[] = [];
  readonly control: Uint8Array[] = [];
  readonly kind = 'direct';
  isReady = true;
  onBulk: (() => void) | undefined;

  sendBulk(message: Uint8Array<ArrayBuffer>): void {
    const decoded = decodeFrame(message);
    if (!decoded.ok || decoded.frame.type !== 'piece') throw new Error('not a piece frame');
    this.frames.push(decoded.frame);
    this.lengths.push(message.length);
    this.onBulk?.();
  }
  sendControl(frame: Uint8Array<ArrayBuffer>): void {
    this.control.push(frame);
  }
  signal(): void {
    // There is no other side.
  }
  close(): void {
    this.isReady = false;
  }
}
