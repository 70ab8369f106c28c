import {
  type PartSize,
  PIECE_HASH_BYTES,
  pieceCount,
  type PieceList,
  type SegmentId,
  segmentKey,
  type SegmentKey,
} from '@freshet/protocol';
import type { PeerEvent, SegmentNotice } from '@freshet/swarm';
import type { PieceStore } from './piece-store.ts';
import { setBounded } from '../util/bounded-map.ts';

/** Segments whose parts are remembered; the oldest goes, and is asked for whole. */
const MAX_DIVIDED = 512;

type Injectors = SegmentNotice['injectors'];

/** What viewers are told of segments: their hashes go to the store, the rest to the core. */
export class PieceLists {
  readonly #store: PieceStore;
  readonly #dispatch: (event: PeerEvent) => void;
  readonly #parts = new Map<SegmentKey, readonly PartSize[]>();

  constructor(store: PieceStore, dispatch: (event: PeerEvent) => void) {
    this.#store = store;
    this.#dispatch = dispatch;
  }

  /** The parts of a segment that the swarm knows by them alone; undefined: it comes whole, or was not heard of. */
  partsOf(key: SegmentKey): readonly PartSize[] | undefined {
    return this.#parts.get(key);
  }

  knows(key: SegmentKey): boolean {
    return this.#parts.has(key) || this.#store.bytesOf(key) !== undefined;
  }

  /** A segment that is the sum of parts is never a unit itself: its bytes are not had twice. */
  learn(segment: SegmentId, list: PieceList, injectors: Injectors): void {
    const { parts, hashes } = list;
    if (parts === undefined) {
      this.#tell(segment, list, injectors);
      return;
    }
    const key = segmentKey(segment);
    setBounded(this.#parts, key, parts, MAX_DIVIDED);
    let from = 0;
    for (const [index, size] of parts.entries()) {
      const part = { ...segment, part: index };
      const to = from + pieceCount(size.bytes) * PIECE_HASH_BYTES;
      // What was announced already has its injectors.
      if (!this.knows(segmentKey(part))) this.#tell(part, { ...size, hashes: hashes.subarray(from, to) }, []);
      from = to;
    }
  }

  #tell(segment: SegmentId, { bytes, durationMs, hashes }: PieceList, injectors: Injectors): void {
    this.#store.announce(segmentKey(segment), bytes, hashes);
    this.#dispatch({ type: 'announced', notice: { segment, bytes, durationMs, injectors } });
  }
}
