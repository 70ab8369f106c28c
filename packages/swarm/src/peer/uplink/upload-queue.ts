import type { Millis, PeerId, SegmentKey } from '@freshet/protocol';
import type { AnnouncedSegment } from '../segments/segment-state.ts';

/** A piece that a neighbour asked for. */
export interface Upload {
  readonly peer: PeerId;
  /** Replaced when the segment was discarded and is held again as another object. */
  segment: AnnouncedSegment;
  readonly piece: number;
  /** When its last byte has to be sent; Infinity: not known. */
  readonly deadline: Millis;
}

/** Requested pieces that wait for this viewer's uplink. */
export class UploadQueue {
  readonly #uploads: Upload[] = [];
  #bytes = 0;

  get size(): number {
    return this.#uploads.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  of(peer: PeerId): number {
    return this.#uploads.filter((upload) => upload.peer === peer).length;
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

  /** Removes and returns the uploads that fit, in no order. */
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

  /** Removes and returns the first upload that is ready. @param before whether `a` goes before `b`. */
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

  /** Bytes that are sent before a piece with this deadline. */
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
  }
}

export function bytesOf({ segment, piece }: Upload): number {
  return segment.bytesOf(piece);
}
