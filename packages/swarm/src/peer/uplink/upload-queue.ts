import type { Millis, PeerId, SegmentKey } from '@freshet/protocol';
import type { SegmentState } from '../segments/segment-state.ts';

/** A piece that a neighbour asked for. */
export interface Upload {
  readonly peer: PeerId;
  /** Another object once the segment was forgotten and came back. */
  segment: SegmentState;
  readonly piece: number;
  /** When its last byte has to have left; Infinity: not known. */
  readonly deadline: Millis;
}

/** What waits for this viewer's uplink, in the order in which it goes. */
export class UploadQueue {
  readonly #uploads: Upload[] = [];
  readonly #perPeer = new Map<PeerId, number>();
  #bytes = 0;

  get size(): number {
    return this.#uploads.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  of(peer: PeerId): number {
    return this.#perPeer.get(peer) ?? 0;
  }

  add(upload: Upload): void {
    this.#uploads.push(upload);
    this.#count(upload, 1);
  }

  find(peer: PeerId, segment: SegmentKey, piece: number): Upload | undefined {
    return this.#uploads.find(
      (upload) => upload.peer === peer && upload.piece === piece && upload.segment.key === segment,
    );
  }

  /** Takes out what fits, in no order. */
  take(fits: (upload: Upload) => boolean): readonly Upload[] {
    const taken: Upload[] = [];
    for (let i = this.#uploads.length - 1; i >= 0; i--) {
      const upload = this.#uploads[i];
      if (upload === undefined || !fits(upload)) continue;
      this.#uploads.splice(i, 1);
      this.#count(upload, -1);
      taken.push(upload);
    }
    return taken;
  }

  /** Takes out the first of those that are ready. @param before whether the first of two goes before the second. */
  next(isReady: (upload: Upload) => boolean, before: (a: Upload, b: Upload) => boolean): Upload | undefined {
    let best = -1;
    for (const [i, upload] of this.#uploads.entries()) {
      if (!isReady(upload)) continue;
      const incumbent = this.#uploads[best];
      if (incumbent === undefined || before(upload, incumbent)) best = i;
    }
    const [upload] = best < 0 ? [] : this.#uploads.splice(best, 1);
    if (upload !== undefined) this.#count(upload, -1);
    return upload;
  }

  /** Bytes that go before a piece with this deadline. */
  bytesBefore(deadline: Millis): number {
    let bytes = 0;
    for (const upload of this.#uploads) if (upload.deadline <= deadline) bytes += bytesOf(upload);
    return bytes;
  }

  earliestDeadline(): Millis {
    let earliest = Number.POSITIVE_INFINITY;
    for (const { deadline } of this.#uploads) earliest = Math.min(earliest, deadline);
    return earliest;
  }

  #count(upload: Upload, by: 1 | -1): void {
    this.#bytes += by * bytesOf(upload);
    const pieces = this.of(upload.peer) + by;
    if (pieces > 0) this.#perPeer.set(upload.peer, pieces);
    else this.#perPeer.delete(upload.peer);
  }
}

export function bytesOf({ segment, piece }: Upload): number {
  return segment.bytesOf(piece);
}
