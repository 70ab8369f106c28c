import { type SegmentKey, setBounded } from '@freshet/protocol';
import type { FetchId } from '@freshet/swarm';
import { fastest, MIN_EVIDENCE_BYTES, type OriginEvidence, sum } from './origin-evidence.ts';
import { OriginFetch, type OriginFetchOptions } from './origin-fetch.ts';
import { WatermarkDetector } from './watermark-detector.ts';
import { FirstByteLimit } from '../util/first-byte.ts';

/** Segments whose transfers are remembered for the bandwidth sample. The oldest is dropped. */
const MAX_REMEMBERED = 64;

/** The last `MAX_RECENT` transfers within this time count as the origin's present rate. */
const RECENT_MS = 20_000;
const MAX_RECENT = 4;
/**
 * A transfer that streamed for this long cannot look slow merely because the page was busy: earlier transfers no longer
 * count.
 */
const LONG_MS = 250;

type Tools = Pick<OriginFetchOptions, 'store' | 'digest' | 'clock' | 'dispatch' | 'onWasted' | 'credentials'>;

export interface OriginFetchesHandlers {
  /** Bytes of a segment arrived from the origin. */
  onBytes(key: SegmentKey, bytes: number): void;
  /** The origin gives this viewer segments that differ from other viewers'. Called once, with the last of them. */
  onPerViewer(key: SegmentKey): void;
}

/** Runs the transfers that the core requests, and keeps what they show of the origin. */
export class OriginFetches {
  readonly #tools: Tools;
  readonly #handlers: OriginFetchesHandlers;
  readonly #running = new Map<FetchId, OriginFetch>();
  readonly #evidence = new Map<SegmentKey, OriginEvidence>();
  /** HTTP status of the last failed transfer of each segment. */
  readonly #failures = new Map<SegmentKey, number>();
  readonly #watermarks = new WatermarkDetector();
  readonly #firstByte = new FirstByteLimit();
  #isPerViewer = false;
  /** The newest is last. */
  #recent: readonly { readonly evidence: OriginEvidence; readonly at: number }[] = [];
  /** The last measured time to first byte. */
  ttfbMs: number | undefined;

  constructor(tools: Tools, handlers: OriginFetchesHandlers) {
    this.#tools = tools;
    this.#handlers = handlers;
  }

  /** `url` undefined: the segment's address is not known, so the transfer fails at once. */
  start(
    fetch: FetchId,
    key: SegmentKey,
    url: string | undefined,
    span: { readonly first: number; readonly last: number } | undefined,
  ): void {
    if (url === undefined) {
      this.#tools.dispatch({
        type: 'origin-ended',
        fetch,
        outcome: 'failed',
        bytes: 0,
        ttfbMs: 0,
        elapsedMs: 0,
      });
      return;
    }
    const running = new OriginFetch({
      ...this.#tools,
      fetch,
      key,
      url,
      span,
      firstByteTimeoutMs: this.#firstByte.ms,
      dispatch: (event) => {
        this.#tools.dispatch(event);
        if (event.type === 'origin-ended') this.#ended(fetch);
      },
      onBytes: (bytes) => {
        this.#handlers.onBytes(key, bytes);
      },
      onEnded: ({ status, ttfbMs }, outcome) => {
        if (outcome !== 'aborted') this.#firstByte.ended(status === 0);
        if (outcome === 'failed') setBounded(this.#failures, key, status, MAX_REMEMBERED);
        else if (outcome !== 'aborted') this.ttfbMs = ttfbMs;
        if (outcome === 'ok' || outcome === 'mismatch') this.#judge(key, outcome === 'ok');
      },
    });
    this.#running.set(fetch, running);
  }

  abort(fetch: FetchId): void {
    this.#running.get(fetch)?.abort();
  }

  abortAll(): void {
    for (const fetch of this.#running.values()) fetch.abort();
  }

  announced(key: SegmentKey): void {
    for (const fetch of this.#running.values()) if (fetch.key === key) fetch.announced();
  }

  body(fetch: FetchId): ArrayBuffer | undefined {
    return this.#running.get(fetch)?.body();
  }

  /**
   * Evidence from all transfers of a segment so far. A running one counts, because its last piece may arrive before it
   * ends.
   */
  evidenceOf(key: SegmentKey): OriginEvidence | undefined {
    let evidence = this.#evidence.get(key);
    for (const fetch of this.#running.values())
      if (fetch.key === key) evidence = sum(evidence, fetch.evidence);
    return evidence;
  }

  /** Evidence from the fastest of the last transfers, of any segment. */
  get recentEvidence(): OriginEvidence | undefined {
    const since = this.#tools.clock() - RECENT_MS;
    return fastest(this.#recent.map(({ evidence, at }) => (at > since ? evidence : undefined)));
  }

  lastStatusOf(key: SegmentKey): number {
    return this.#failures.get(key) ?? 0;
  }

  /**
   * Evidence from the running transfers of a segment if they deliver all that is missing; undefined otherwise. Only in
   * this case does the player wait for nothing but the origin.
   */
  carrying(key: SegmentKey): OriginEvidence | undefined {
    const fetches = [...this.#running.values()].filter((fetch) => fetch.key === key);
    const held = this.#tools.store.heldOf(key);
    const whole = fetches.some(({ span }) => span === undefined);
    if (fetches.length === 0 || (held === undefined && !whole)) return undefined;
    for (let piece = 0; !whole && piece < (held?.length ?? 0); piece++) {
      const coming = fetches.some(({ span }) => span && span.first <= piece && piece <= span.last);
      if (held?.has(piece) !== true && !coming) return undefined;
    }
    const now = this.#tools.clock();
    let bytes = 0;
    let firstByteAt = Number.POSITIVE_INFINITY;
    let startedAt = Number.POSITIVE_INFINITY;
    for (const fetch of fetches) {
      bytes += fetch.received;
      startedAt = Math.min(startedAt, fetch.startedAt);
      firstByteAt = Math.min(firstByteAt, fetch.firstByteAt ?? Number.POSITIVE_INFINITY);
    }
    if (!Number.isFinite(firstByteAt)) return { bytes: 0, streamingMs: 0, ttfbMs: now - startedAt };
    return { bytes, streamingMs: now - firstByteAt, ttfbMs: firstByteAt - startedAt };
  }

  #judge(key: SegmentKey, matches: boolean): void {
    if (!this.#watermarks.judge(key, matches) || this.#isPerViewer) return;
    this.#isPerViewer = true;
    this.#handlers.onPerViewer(key);
  }

  /** Runs after the core has handled `origin-ended`: until then `body` has to answer. */
  #ended(fetch: FetchId): void {
    const running = this.#running.get(fetch);
    this.#running.delete(fetch);
    const shown = running?.evidence;
    if (shown !== undefined && shown.bytes >= MIN_EVIDENCE_BYTES)
      this.#recent = [
        ...(shown.streamingMs < LONG_MS ? this.#recent.slice(1 - MAX_RECENT) : []),
        { evidence: shown, at: this.#tools.clock() },
      ];
    const evidence = running && sum(this.#evidence.get(running.key), shown);
    if (running !== undefined && evidence !== undefined)
      setBounded(this.#evidence, running.key, evidence, MAX_REMEMBERED);
  }
}
