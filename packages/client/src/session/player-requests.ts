import { type Millis, type PartSize, segmentKey, type SegmentKey } from '@freshet/protocol';
import type { FetchId, PeerEvent, WantId } from '@freshet/swarm';
import { bandwidthSample, loadingProgress } from '../hlsjs/bandwidth-sample.ts';
import type { SegmentRequest } from '../hlsjs/segment-source.ts';
import type { OriginFetches } from '../origin/origin-fetches.ts';
import { requestByParts } from './request-by-parts.ts';
import type { PieceLists } from '../store/piece-lists.ts';
import type { PieceStore } from '../store/piece-store.ts';
import type { Clock } from '../util/clock.ts';

/** A smaller change of a deadline is not reported: timers are no more exact. */
const DEADLINE_STEP_MS = 50;

export interface PlayerView {
  /** When the playhead reaches a point of the media's timeline. A time that is not after now means at once. */
  deadlineOf(mediaStart: number): Millis;
  /** hls.js's current estimate in bit/s. */
  readonly bandwidthEstimate: number;
  /** Whether there is a level above the current one that hls.js may choose by itself. */
  readonly mayClimb: boolean;
}

interface Open {
  readonly key: SegmentKey;
  readonly request: SegmentRequest;
  deadline: Millis;
  /** Withdraws the request, or those into which it was divided. */
  cancel: () => void;
}

/** The player's requests that wait for the core, and the answers to the player. */
export class PlayerRequests {
  readonly #store: PieceStore;
  readonly #origin: OriginFetches;
  readonly #player: PlayerView;
  readonly #clock: Clock;
  readonly #dispatch: (event: PeerEvent) => void;
  readonly #lists: Pick<PieceLists, 'partsOf'>;
  readonly #onPlayed: (bytes: number) => void;
  readonly #open = new Map<WantId, Open>();
  #next: WantId = 1;

  constructor(
    store: PieceStore,
    origin: OriginFetches,
    player: PlayerView,
    clock: Clock,
    dispatch: (event: PeerEvent) => void,
    lists: Pick<PieceLists, 'partsOf'>,
    onPlayed: (bytes: number) => void,
  ) {
    this.#store = store;
    this.#origin = origin;
    this.#player = player;
    this.#clock = clock;
    this.#dispatch = dispatch;
    this.#lists = lists;
    this.#onPlayed = onPlayed;
  }

  /** @returns a function that withdraws the request. */
  add(request: SegmentRequest): () => void {
    const parts = this.#lists.partsOf(segmentKey(request.segment));
    return parts === undefined ? this.#ask(request) : this.#askParts(request, parts);
  }

  /** A segment turned out to be made of parts: requests the parts, unless the origin is already delivering it whole. */
  divided(key: SegmentKey): void {
    const parts = this.#lists.partsOf(key);
    if (parts === undefined || this.#origin.carrying(key) !== undefined) return;
    for (const open of [...this.#open.values()]) {
      if (open.key !== key) continue;
      open.cancel();
      open.cancel = this.#askParts(open.request, parts);
    }
  }

  #askParts(request: SegmentRequest, parts: readonly PartSize[]): () => void {
    return requestByParts(request, parts, (part) => this.#ask(part));
  }

  #ask(request: SegmentRequest): () => void {
    const want = this.#next++;
    const { segment, durationMs, mediaStart } = request;
    const deadline = this.#player.deadlineOf(mediaStart);
    const cancel = () => {
      if (this.#open.delete(want)) this.#dispatch({ type: 'unwant', want });
    };
    const open: Open = { key: segmentKey(segment), request, deadline, cancel };
    this.#open.set(want, open);
    // hls.js expects its answer after `load` has returned, even when everything is held already.
    queueMicrotask(() => {
      const { mayClimb } = this.#player;
      if (this.#open.has(want))
        this.#dispatch({ type: 'want', want, segment, durationMs, deadline, mayClimb });
    });
    return () => {
      open.cancel();
    };
  }

  /** The playhead jumped, stopped, resumed or changed its rate. */
  playheadMoved(): void {
    for (const [want, open] of this.#open) {
      const deadline = this.#player.deadlineOf(open.request.mediaStart);
      if (Math.abs(deadline - open.deadline) < DEADLINE_STEP_MS) continue;
      open.deadline = deadline;
      this.#dispatch({ type: 'deadline', want, deadline });
    }
  }

  /** Executes the core's `deliver`: from the store, or the body of a transfer that cannot be verified. */
  deliver(want: WantId, fetch: FetchId | undefined): void {
    const open = this.#open.get(want);
    if (open === undefined) return;
    const body = fetch === undefined ? this.#store.copy(open.key) : this.#origin.body(fetch);
    if (body === undefined) throw new Error(`deliver of ${open.key}, which is not here`);
    this.#open.delete(want);
    this.#onPlayed(body.byteLength);
    open.request.onSegment(
      body,
      bandwidthSample({ ...this.#delivery(body.byteLength), origin: this.#origin.evidenceOf(open.key) }),
    );
  }

  fail(want: WantId): void {
    const open = this.#open.get(want);
    if (open === undefined) return;
    this.#open.delete(want);
    open.request.onFailed(this.#origin.lastStatusOf(open.key));
  }

  /** Bytes of a segment arrived from the origin. */
  progress(key: SegmentKey): void {
    for (const open of this.#open.values()) {
      if (open.key !== key) continue;
      const origin = this.#origin.carrying(key);
      const held = this.#store.heldOf(key);
      const size = this.#store.bytesOf(key) ?? 0;
      const here = held === undefined ? 0 : (held.size / held.length) * size;
      const bytes = Math.round(Math.max(here, origin?.bytes ?? 0));
      const times = loadingProgress({ ...this.#delivery(bytes), origin });
      if (times !== undefined) open.request.onProgress(bytes, times);
    }
  }

  /** Fails everything that still waits, because the swarm is closed. */
  failAll(): void {
    for (const want of [...this.#open.keys()]) this.fail(want);
  }

  #delivery(bytes: number) {
    return {
      now: this.#clock(),
      bytes,
      estimateBps: this.#player.bandwidthEstimate,
      ttfbMs: this.#origin.ttfbMs,
      recent: this.#origin.recentEvidence,
    };
  }
}
