import { type SegmentId, segmentKey } from '@freshet/protocol';

/** A piece handed over for sending. */
export interface PieceTag {
  readonly segment: SegmentId;
  readonly piece: number;
  readonly bytes: number;
}

export function isSamePiece(
  a: Pick<PieceTag, 'segment' | 'piece'>,
  b: Pick<PieceTag, 'segment' | 'piece'>,
): boolean {
  return a.piece === b.piece && segmentKey(a.segment) === segmentKey(b.segment);
}
