import type { Outbox } from '../api/outbox.ts';
import type { FetchId } from '../api/peer-event.ts';
import type { AnnouncedSegment, SegmentState } from '../segments/segment-state.ts';

/** Concurrent transfers: a browser opens six connections to a host, and the playlist needs one of them. */
const MAX_FETCHES = 4;

interface Transfer {
  /** Replaced when the segment is announced. */
  segment: SegmentState;
  /** The last piece of its span; undefined: the segment's. */
  readonly last: number | undefined;
  /** Started to measure the origin: it continues when a neighbour brings the piece first. */
  readonly probes: boolean;
  calledOff: boolean;
}

/** The running transfers from the origin. */
export class Transfers {
  readonly #outbox: Outbox;
  readonly #running = new Map<FetchId, Transfer>();
  #next: FetchId = 1;

  constructor(outbox: Outbox) {
    this.#outbox = outbox;
  }

  get size(): number {
    return this.#running.size;
  }

  /** A piece of a transfer arrived. @returns its segment; undefined when the transfer is not running. */
  arrived(fetch: FetchId, piece: number): AnnouncedSegment | undefined {
    const segment = this.#running.get(fetch)?.segment;
    if (segment?.state !== 'announced') return undefined;
    segment.origin.fetching.delete(piece);
    return segment;
  }

  /** The piece is about to be held, wherever it came from. @returns the transfer that would have brought it. */
  brought(segment: AnnouncedSegment, piece: number): FetchId | undefined {
    const { fetching } = segment.origin;
    const fetch = fetching.get(piece);
    fetching.delete(piece);
    return fetch;
  }

  startWhole(segment: SegmentState): void {
    segment.origin.wholeFetch = this.#start(segment);
  }

  /** One Range request for each unbroken run. @returns the pieces that are fetched now. */
  startRuns(segment: AnnouncedSegment, pieces: readonly number[], probes = false): readonly number[] {
    const started: number[] = [];
    let run: number[] = [];
    for (const [i, piece] of pieces.entries()) {
      run.push(piece);
      if (pieces[i + 1] === piece + 1) continue;
      if (this.size >= MAX_FETCHES) break; // A later plan starts the others when a transfer has ended.
      const fetch = this.#start(segment, { first: run[0] ?? piece, last: piece }, probes);
      for (const taken of run) segment.origin.fetching.set(taken, fetch);
      started.push(...run);
      run = [];
    }
    return started;
  }

  /** Pieces can be told apart from now on: the transfer of the whole segment, if there is one, brings all of them. */
  announced(segment: AnnouncedSegment): void {
    const fetch = segment.origin.wholeFetch;
    if (fetch === undefined) return;
    const transfer = this.#running.get(fetch);
    if (transfer !== undefined) transfer.segment = segment;
    for (const piece of segment.missingPieces()) segment.origin.fetching.set(piece, fetch);
  }

  /**
   * Aborts a transfer whose remaining pieces are all held: it would only waste bandwidth.
   * @param brought the piece of it that just arrived; its last piece ends the transfer anyway.
   */
  spare(fetch: FetchId, brought?: number): void {
    const transfer = this.#running.get(fetch);
    if (transfer === undefined || transfer.calledOff || transfer.probes) return;
    const { segment, last } = transfer;
    if (segment.state !== 'announced' || brought === (last ?? segment.count - 1)) return;
    for (const other of segment.origin.fetching.values()) if (other === fetch) return;
    this.#callOff(fetch, transfer);
  }

  /** @returns the segment, and whether the transfer was of all of it; undefined: the transfer was not running. */
  ended(fetch: FetchId): { readonly segment: SegmentState; readonly isWhole: boolean } | undefined {
    const segment = this.#running.get(fetch)?.segment;
    if (segment === undefined) return undefined;
    this.#running.delete(fetch);
    if (segment.state === 'announced') {
      const { fetching } = segment.origin;
      for (const [piece, other] of fetching) if (other === fetch) fetching.delete(piece);
    }
    const isWhole = segment.origin.wholeFetch === fetch;
    if (isWhole) segment.origin.wholeFetch = undefined;
    return { segment, isWhole };
  }

  /** The player does not need the segment any more. */
  abandon(segment: SegmentState): void {
    for (const [fetch, transfer] of this.#running)
      if (transfer.segment === segment) this.#callOff(fetch, transfer);
  }

  #start(segment: SegmentState, span?: { first: number; last: number }, probes = false): FetchId {
    const fetch = this.#next++;
    this.#running.set(fetch, { segment, last: span?.last, probes, calledOff: false });
    segment.origin.fetchedSince = this.#outbox.now;
    this.#outbox.put({ type: 'fetch', fetch, segment: segment.id, ...(span && { span }) });
    return fetch;
  }

  #callOff(fetch: FetchId, transfer: Transfer): void {
    if (transfer.calledOff) return;
    transfer.calledOff = true;
    this.#outbox.put({ type: 'abort-fetch', fetch });
  }
}
