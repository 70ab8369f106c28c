import {
  type PartSize,
  PIECE_HASH_BYTES,
  pieceCount,
  type PieceList,
  type SegmentId,
  segmentKey,
  type SegmentKey,
  setBounded,
} from '@freshet/protocol';
import type { PeerEvent, SegmentNotice } from '@freshet/swarm';
import type { PieceStore } from './piece-store.ts';

/** Segments whose parts are remembered. The oldest is dropped, and is then requested whole. */
const MAX_DIVIDED = 512;

type Injectors = SegmentNotice['injectors'];

/** Takes announced sizes and hashes of segments: the hashes go to the store, the rest to the core. */
export class PieceLists {
  readonly #store: PieceStore;
  readonly #dispatch: (event: PeerEvent) => void;
  readonly #parts = new Map<SegmentKey, readonly PartSize[]>();

  constructor(store: PieceStore, dispatch: (event: PeerEvent) => void) {
    this.#store = store;
    this.#dispatch = dispatch;
  }

  /** The parts of a segment that the swarm shares by its parts alone; undefined when it is shared whole, or unknown. */
  partsOf(key: SegmentKey): readonly PartSize[] | undefined {
    return this.#parts.get(key);
  }

  knows(key: SegmentKey): boolean {
    return this.#parts.has(key) || this.#store.bytesOf(key) !== undefined;
  }

  /** A segment that is the sum of its parts never becomes a unit of its own, so its bytes are not held twice. */
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
      // A part that was announced already has its injectors.
      if (!this.knows(segmentKey(part))) this.#tell(part, { ...size, hashes: hashes.subarray(from, to) }, []);
      from = to;
    }
  }

  #tell(segment: SegmentId, { bytes, durationMs, hashes }: PieceList, injectors: Injectors): void {
    this.#store.announce(segmentKey(segment), bytes, hashes);
    this.#dispatch({ type: 'announced', notice: { segment, bytes, durationMs, injectors } });
  }
}
