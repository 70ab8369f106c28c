import { setTimeout as sleep } from 'node:timers/promises';
import { LIMITS, type Millis } from '@freshet/protocol';
import type { Logger } from 'pino';
import type { RenditionBuffer } from '../buffer/rendition-buffer.ts';
import { type FaultReason, faultOf } from '../stream/source-fault.ts';
import type { Fetched, Fetcher } from './fetch/fetcher.ts';
import { backoff } from './fetch/backoff.ts';
import type { SourceTimes } from './fetch/source-times.ts';
import { blockingUrl, partWait } from './parts/part-poll.ts';
import { readParts, type SourceParts } from './parts/read-parts.ts';
import { type FollowerHealth, followerHealth } from './plan/follower-health.ts';
import { commonSegment, type LoadedList } from './plan/list-judge.ts';
import { PollClock } from './plan/poll-clock.ts';
import { RenditionPlan, type Step } from './plan/rendition-plan.ts';
import type { Fallback } from './plan/segment-origin.ts';
import type { StreamTimeline } from './plan/stream-timeline.ts';
import type { MediaList } from './playlist/media-list.ts';
import { type Definitions, playlistLines } from './playlist/playlist-lines.ts';
import { readMediaPlaylist } from './playlist/read-media-playlist.ts';
import { SegmentLoader } from './segment-loader.ts';

export interface FollowerOptions {
  readonly url: string;
  readonly rendition: RenditionBuffer;
  readonly timeline: StreamTimeline;
  readonly fetcher: Fetcher;
  readonly definitions: Definitions;
  readonly times: SourceTimes;
  readonly bufferMs: Millis;
  readonly fallback: Fallback;
  /** Take parts when the source lists them. */
  readonly lowLatency: boolean;
  readonly onFault: (reason: FaultReason) => void;
  readonly log: Logger;
  readonly now: () => Millis;
  readonly random: () => number;
  /** Called after every load and every publication. */
  readonly onHealth: (health: FollowerHealth) => void;
  /** The playlist, if it is already loaded. */
  readonly first?: Fetched | undefined;
}

/** Poll interval after the source has ended: an encoder may come back under the same address. */
const ENDED_POLL_MS = 5000;
/** Shortest timeout of a wait for a change. Health is reviewed after each wait. */
const HEALTH_MS = 1000;

/** Follows one media playlist: polls it and has its segments fetched and published. */
export class RenditionFollower {
  /** Changes when the source moves its playlist: the multivariant playlist is read again after a long outage. */
  url: string;
  readonly #options: FollowerOptions;
  readonly #plan: RenditionPlan;
  readonly #loader: SegmentLoader;
  readonly #clock = new PollClock();
  readonly #startedAt: Millis;
  /** The parts in the last list. */
  #parts: SourceParts | undefined;
  #failures = 0;
  #outSince: Millis = 0;
  #lastFault: string | undefined;
  #health: FollowerHealth = { kind: 'starting' };

  constructor(options: FollowerOptions) {
    this.#options = options;
    this.url = options.url;
    this.#startedAt = options.now();
    this.#plan = new RenditionPlan(options.timeline, options.bufferMs);
    this.#loader = new SegmentLoader({
      ...options,
      windowLength: () => this.#plan.windowLength,
      onPublished: () => {
        this.#reviewHealth();
      },
    });
  }

  get health(): FollowerHealth {
    return this.#health;
  }

  /** Runs until the signal aborts, then stops all its work. */
  async run(signal: AbortSignal): Promise<void> {
    let first = this.#options.first;
    while (!signal.aborted) {
      const waitMs = await this.#poll(first, signal);
      first = undefined;
      try {
        this.#reviewHealth();
      } catch (error) {
        // A listener of the stream's state threw.
        faultOf(error, this.#options.log);
      }
      await this.#pause(waitMs, signal);
    }
    await this.#loader.stop();
  }

  /** Waits until the list is due: by the clock, or until a change if the fetcher learns of changes without polling. */
  async #pause(waitMs: Millis, signal: AbortSignal): Promise<void> {
    const { fetcher } = this.#options;
    if (fetcher.untilChanged === undefined) await sleep(waitMs, undefined, { signal }).catch(() => undefined);
    else await fetcher.untilChanged(this.url, Math.max(waitMs, HEALTH_MS), signal);
  }

  /** @returns how long to wait before the next poll */
  async #poll(first: Fetched | undefined, signal: AbortSignal): Promise<Millis> {
    const { fetcher, times, definitions, now, random } = this.#options;
    const startedAt = now();
    try {
      const fetched =
        first ?? (await fetcher.get(blockingUrl(this.url, this.#parts), times.playlist, signal));
      const { lines } = playlistLines(fetched.data.toString('utf8'), fetched.url, definitions);
      const list = readMediaPlaylist(lines, fetched.url);
      const endedAt = now();
      const loaded = { list, loadedAt: endedAt, modifiedAt: fetched.modifiedAt };
      const before = this.#parts;
      this.#parts = this.#readParts(lines, fetched.url, list);
      const addedMs = await this.#take(loaded, signal);
      this.#failures = 0;
      this.#lastFault = undefined;
      if (this.#loader.ended) return ENDED_POLL_MS;
      if (this.#parts !== undefined) return partWait(before, this.#parts, now() - startedAt);
      const next = this.#clock.next({
        startedAt,
        endedAt,
        changed: addedMs > 0,
        addedMs,
        targetDurationMs: list.targetDurationMs,
        segmentMs: list.segments.at(-1)?.durationMs ?? 0,
      });
      return Math.max(0, next - now());
    } catch (error) {
      if (signal.aborted) return 0;
      this.#parts = undefined;
      const fault = faultOf(error, this.#options.log);
      this.#options.onFault(fault.reason);
      if (this.#failures++ === 0) this.#outSince = startedAt;
      this.#lastFault = fault.message;
      return backoff(this.#failures, now() - this.#outSince, random());
    }
  }

  /** @returns duration of the media that the list added */
  async #take(loaded: LoadedList, signal: AbortSignal): Promise<Millis> {
    let judgement = this.#plan.judge(loaded);
    if (judgement === 'stale') return 0;
    if (judgement === 'doubtful')
      judgement = (await this.#isSameEncoding(loaded, signal)) ? 'advanced' : 'restarted';
    const step: Step = this.#plan.take(loaded, judgement);
    if (step.restarted) this.#options.log.info('the encoder restarted; starting a new epoch');
    const listed = this.#parts;
    const place = listed && this.#plan.placeAfter(loaded.list, listed.open.steps);
    this.#loader.take(step, loaded.list, listed && { listed, place });
    return step.added.reduce((sum, { source }) => sum + source.durationMs, 0);
  }

  /** Ignores encrypted parts and those of a CDN: viewers get such segments whole. */
  #readParts(lines: readonly string[], url: string, list: MediaList): SourceParts | undefined {
    const { lowLatency, fallback } = this.#options;
    if (!lowLatency || fallback !== 'server') return undefined;
    const parts = readParts(lines, url, list);
    return parts?.open.keys.length === 0 ? parts : undefined;
  }

  /** Whether a segment from before the pause still has the same bytes. Unknown counts as yes. */
  async #isSameEncoding({ list }: LoadedList, signal: AbortSignal): Promise<boolean> {
    const { fetcher, times, rendition } = this.#options;
    const common = this.#plan.before && commonSegment(this.#plan.before, list);
    const msn = common && this.#plan.toOurs(common.msn);
    const held = rendition.entries.findLast((entry) => entry.msn === msn)?.segment;
    if (common === undefined || held === undefined) return true;
    try {
      const limits = { ...times.segment, maxBytes: LIMITS.segmentBytes };
      const { data } = await fetcher.get(common.url, limits, signal, common.range);
      return data.equals(held.data);
    } catch {
      return true;
    }
  }

  #reviewHealth(): void {
    const { rendition, now, onHealth } = this.#options;
    this.#health = followerHealth({
      now: now(),
      startedAt: this.#startedAt,
      publishedAt: this.#loader.publishedAt,
      failures: this.#failures,
      lastFault: this.#lastFault ?? this.#loader.lastFault,
      targetDurationMs: this.#plan.before?.targetDurationMs ?? 0,
      ended: this.#loader.ended,
    });
    rendition.setAvailable(this.#health.kind !== 'out');
    onHealth(this.#health);
  }
}
