import { LIMITS, pieceSpan, type SegmentKey } from '@freshet/protocol';
import type { FetchId, PeerEvent } from '@freshet/swarm';
import type { OriginEvidence } from './origin-evidence.ts';
import { PieceSplitter } from './piece-splitter.ts';
import { requestRange, type RangeResult } from './range-request.ts';
import type { PieceStore } from '../store/piece-store.ts';
import { type Digest, matches } from '../store/verify.ts';
import type { Clock } from '../util/clock.ts';

export interface OriginFetchOptions {
  readonly fetch: FetchId;
  readonly key: SegmentKey;
  readonly url: string;
  /**
   * Pieces `first` to `last`, inclusive. Absent: the whole segment, whose piece list may arrive during the transfer.
   */
  readonly span?: { readonly first: number; readonly last: number } | undefined;
  readonly store: PieceStore;
  readonly digest: Digest;
  /** The `credentials` of the request, meant for the broadcaster's CDN. */
  readonly credentials?: RequestCredentials | undefined;
  readonly firstByteTimeoutMs: number;
  readonly clock: Clock;
  readonly dispatch: (event: PeerEvent) => void;
  /** Bytes arrived. */
  readonly onBytes: (bytes: number) => void;
  /** Bytes of a piece arrived that the store held already. */
  readonly onWasted: (bytes: number) => void;
  /** Called before the core gets `origin-ended`. */
  readonly onEnded: (
    result: RangeResult,
    outcome: 'ok' | 'mismatch' | 'failed' | 'aborted' | 'unjudged',
  ) => void;
}

/**
 * One transfer from the origin on behalf of the core: it is streamed, cut into pieces, verified and stored, and ends
 * exactly once.
 */
export class OriginFetch {
  readonly key: SegmentKey;
  readonly startedAt: number;
  readonly span: { readonly first: number; readonly last: number } | undefined;
  firstByteAt: number | undefined;
  received = 0;
  readonly #options: OriginFetchOptions;
  readonly #abort = new AbortController();
  #lastByteAt = 0;
  /** The whole segment as received, for the player while it cannot be verified. */
  #chunks: Uint8Array<ArrayBuffer>[] = [];
  #splitter: PieceSplitter | undefined;
  readonly #verifications: Promise<boolean>[] = [];

  constructor(options: OriginFetchOptions) {
    this.#options = options;
    this.key = options.key;
    this.span = options.span;
    this.startedAt = options.clock();
    this.announced();
    void this.#run();
  }

  /** The piece list is known: verifies the pieces received so far at once, and the others as they arrive. */
  announced(): void {
    const { key, store, span } = this.#options;
    const bytes = store.bytesOf(key);
    if (bytes === undefined || this.#splitter !== undefined) return;
    const last = span?.last ?? (store.heldOf(key)?.length ?? 1) - 1;
    this.#splitter = new PieceSplitter(bytes, span?.first ?? 0, last);
    for (const chunk of this.#chunks) this.#split(chunk);
  }

  abort(): void {
    this.#abort.abort();
  }

  /** What this transfer shows of the origin; undefined before the first byte. */
  get evidence(): OriginEvidence | undefined {
    if (this.firstByteAt === undefined) return undefined;
    const streamingMs = this.#lastByteAt - this.firstByteAt;
    return { bytes: this.received, streamingMs, ttfbMs: this.firstByteAt - this.startedAt };
  }

  /** A copy of the bytes received, for the player. */
  body(): ArrayBuffer {
    const body = new Uint8Array(this.#chunks.reduce((sum, chunk) => sum + chunk.length, 0));
    let at = 0;
    for (const chunk of this.#chunks) {
      body.set(chunk, at);
      at += chunk.length;
    }
    return body.buffer;
  }

  async #run(): Promise<void> {
    const { fetch, url, span, clock, dispatch, onEnded } = this.#options;
    const segmentBytes = this.#options.store.bytesOf(this.key);
    const result = await requestRange({
      url,
      // A span requires a piece list, from which the core knows the pieces. Without one, nothing is fetched.
      span:
        span &&
        (segmentBytes === undefined ? { start: 0, end: 0 } : pieceSpan(segmentBytes, span.first, span.last)),
      maxBytes: LIMITS.segmentBytes,
      signal: this.#abort.signal,
      credentials: this.#options.credentials,
      firstByteTimeoutMs: this.#options.firstByteTimeoutMs,
      clock,
      onBytes: (bytes) => {
        this.#take(bytes);
      },
    });
    const verified = await Promise.all(this.#verifications);
    const matching = result.outcome !== 'differs' && verified.every(Boolean) && this.#sizeMatches(result);
    const aborted = this.#abort.signal.aborted;
    const came = result.outcome === 'ok' || result.outcome === 'differs';
    const outcome = aborted ? 'aborted' : !came ? 'failed' : matching ? 'ok' : 'mismatch';
    onEnded(result, outcome === 'ok' && this.#splitter === undefined ? 'unjudged' : outcome);
    const { bytes, ttfbMs, elapsedMs, retryAfterMs } = result;
    dispatch({ type: 'origin-ended', fetch, outcome, bytes, ttfbMs, elapsedMs, retryAfterMs });
    this.#chunks = [];
  }

  #take(bytes: Uint8Array<ArrayBuffer>): void {
    this.#lastByteAt = this.#options.clock();
    this.firstByteAt ??= this.#lastByteAt;
    this.received += bytes.length;
    if (this.#options.span === undefined) this.#chunks.push(bytes);
    if (this.#splitter !== undefined) this.#split(bytes);
    this.#options.onBytes(bytes.length);
  }

  #split(bytes: Uint8Array): void {
    for (const cut of this.#splitter?.push(bytes) ?? []) {
      this.#verifications.push(this.#verify(cut.piece, cut.bytes));
    }
  }

  async #verify(piece: number, bytes: Uint8Array<ArrayBuffer>): Promise<boolean> {
    const { fetch, key, store, digest, dispatch, onWasted } = this.#options;
    const expected = store.hashOf(key, piece);
    // The segment was forgotten meanwhile: a request that still waits gets the bytes as received.
    if (expected === undefined) return true;
    if (!(await matches(digest, bytes, expected))) return false;
    if (store.put(key, piece, bytes)) dispatch({ type: 'origin-piece', fetch, piece });
    else onWasted(bytes.length);
    return true;
  }

  /** A whole segment must have the announced size. `requestRange` checks the length of a span. */
  #sizeMatches({ bytes }: RangeResult): boolean {
    const announced = this.#options.store.bytesOf(this.key);
    return this.span !== undefined || announced === undefined || bytes === announced;
  }
}
