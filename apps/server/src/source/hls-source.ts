import { setTimeout as sleep } from 'node:timers/promises';
import type { Millis, RenditionId } from '@freshet/protocol';
import type { Logger } from 'pino';
import { type RenditionAttributes, renditionId } from '../buffer/rendition-id.ts';
import { MAX_RENDITIONS } from '../buffer/stream-buffer.ts';
import type { Feed, LiveStream } from '../stream/live-stream.ts';
import type { Numbering } from '../stream/numbering.ts';
import { type FaultReason, faultOf } from '../stream/source-fault.ts';
import { AddressGuard } from './fetch/address-guard.ts';
import type { Fetched, Fetcher } from './fetch/fetcher.ts';
import { backoff } from './fetch/backoff.ts';
import { SourceFetcher } from './fetch/source-fetcher.ts';
import { SOURCE_TIMES, type SourceTimes } from './fetch/source-times.ts';
import { streamState } from './plan/follower-health.ts';
import type { Fallback } from './plan/segment-origin.ts';
import { StreamTimeline } from './plan/stream-timeline.ts';
import { type Definitions, playlistLines } from './playlist/playlist-lines.ts';
import { isMultivariant, type ListedRendition, readMultivariant } from './playlist/read-multivariant.ts';
import { RenditionFollower } from './rendition-follower.ts';

export interface SourceOptions {
  /** The broadcaster's multivariant or media playlist. */
  readonly url: string;
  /** Default: an HTTP client. It is closed with the source. */
  readonly fetcher?: Fetcher | undefined;
  /** Of this source, if another fetcher of it exists. Default: a new one. */
  readonly guard?: AddressGuard | undefined;
  /** Receives the media and the source's state. */
  readonly stream: LiveStream;
  readonly log: Logger;
  /** Default: this server. */
  readonly fallback?: Fallback;
  /** Numbering of an earlier run; `onNumbering` saves it for the next. */
  readonly saved?: Numbering | undefined;
  readonly onNumbering?: (numbering: Numbering) => void;
  /** Take the parts of a source that lists them. Default false. */
  readonly lowLatency?: boolean;
  /** Called for every fault of the source. */
  readonly onFault?: (reason: FaultReason) => void;
  /** Milliseconds on a monotonic clock. */
  readonly now: () => Millis;
  /** 0 to 1. */
  readonly random: () => number;
  readonly times?: SourceTimes;
}

/** Pulls a live HLS stream into a LiveStream's buffer until `stop`. It retries after any fault. */
export function startSource(options: SourceOptions): Feed {
  const source = new HlsSource(options);
  const running = source.run();
  return {
    stop: async () => {
      await source.stop();
      await running;
    },
  };
}

/**
 * After this long without any working rendition, read the multivariant playlist again: its addresses may have expired.
 */
const REREAD_AFTER_MS = 15_000;
/** The rendition of a source that is a bare media playlist, whose attributes are unknown. */
const ONLY: RenditionAttributes = { type: 'video', name: 'main' };

class HlsSource {
  readonly #options: SourceOptions;
  readonly #fetcher: Fetcher;
  readonly #timeline: StreamTimeline;
  readonly #log: Logger;
  readonly #stopping = new AbortController();
  readonly #followers = new Map<RenditionId, RenditionFollower>();
  readonly #runs: Promise<void>[] = [];
  #outSince: Millis | undefined;
  #lastReason: string | undefined;

  constructor(options: SourceOptions) {
    const { stream } = options;
    this.#options = options;
    this.#log = options.log.child({ stream: stream.name });
    this.#fetcher =
      options.fetcher ??
      new SourceFetcher(options.guard ?? new AddressGuard(options.url), this.#times.connectMs);
    const openEpoch = () => stream.buffer.openEpoch();
    const { saved, onNumbering } = options;
    this.#timeline = new StreamTimeline(stream.buffer.epoch, openEpoch, saved, onNumbering);
  }

  get #times(): SourceTimes {
    return this.#options.times ?? SOURCE_TIMES;
  }

  async run(): Promise<void> {
    const { signal } = this.#stopping;
    for (let failures = 0; !signal.aborted;) {
      const fault = await this.#readEntry().then(
        () => undefined,
        (error: unknown) => error,
      );
      failures = fault === undefined ? 0 : failures + 1;
      if (fault === undefined) await this.#untilRereading();
      else if (!this.#stopping.signal.aborted) await this.#pause(this.#failed(fault, failures));
    }
    await Promise.all(this.#runs);
    await this.#fetcher.close();
  }

  /** @returns how long to wait before trying again */
  #failed(error: unknown, failures: number): Millis {
    const { now, random } = this.#options;
    const fault = faultOf(error, this.#log);
    this.#options.onFault?.(fault.reason);
    this.#lastReason = fault.message;
    this.#outSince ??= now();
    try {
      this.#reviewState();
    } catch (thrown) {
      // A listener of the stream's state threw.
      faultOf(thrown, this.#log);
    }
    return backoff(failures, now() - this.#outSince, random());
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#runs);
  }

  async #readEntry(): Promise<void> {
    const { url, stream } = this.#options;
    const fetched = await this.#fetcher.get(url, this.#times.playlist, this.#stopping.signal);
    const { lines, definitions } = playlistLines(fetched.data.toString('utf8'), fetched.url);
    if (!isMultivariant(lines)) {
      const only = { id: renditionId(ONLY), attributes: ONLY, url };
      this.#follow(only, new Map(), this.#followers.size === 0 ? fetched : undefined);
      return;
    }
    const { renditions, parts } = readMultivariant(lines, fetched.url, this.#knownIds());
    // A source may list other renditions when it is read again. Those beyond MAX_RENDITIONS stay unplayable.
    const room = MAX_RENDITIONS - this.#followers.size;
    const fresh = renditions.filter(({ id }) => !this.#followers.has(id)).slice(0, room);
    // Declare all before the first starts, so that a viewer who joins now waits for each of them.
    for (const { id, attributes } of fresh) stream.buffer.declareRendition(id, attributes);
    stream.multivariant = parts;
    for (const rendition of renditions)
      if (this.#followers.has(rendition.id) || fresh.includes(rendition))
        this.#follow(rendition, definitions);
  }

  /** Renditions by the path of their playlist: a rendition keeps its id when its listed bandwidth changes. */
  #knownIds(): ReadonlyMap<string, RenditionId> {
    return new Map([...this.#followers].map(([id, { url }]) => [new URL(url).pathname, id]));
  }

  #follow(listed: ListedRendition, definitions: Definitions, first?: Fetched): void {
    const { stream, now, random } = this.#options;
    const followed = this.#followers.get(listed.id);
    if (followed !== undefined) {
      followed.url = listed.url;
      return;
    }
    const log = this.#log.child({ rendition: listed.id });
    let kind = 'starting';
    const follower = new RenditionFollower({
      url: listed.url,
      rendition: stream.buffer.declareRendition(listed.id, listed.attributes),
      timeline: this.#timeline,
      fetcher: this.#fetcher,
      definitions,
      times: this.#times,
      fallback: this.#options.fallback ?? 'server',
      lowLatency: this.#options.lowLatency ?? false,
      onFault: this.#options.onFault ?? (() => undefined),
      bufferMs: stream.buffer.bufferSeconds * 1000,
      log,
      now,
      random,
      first,
      onHealth: (health) => {
        if (health.kind !== kind) {
          if (health.kind === 'out') log.warn({ reason: health.reason }, 'no data from the source');
          else log.info(`the source is ${health.kind}`);
          kind = health.kind;
        }
        if (health.kind === 'out') this.#lastReason = health.reason;
        this.#reviewState();
      },
    });
    this.#followers.set(listed.id, follower);
    this.#runs.push(follower.run(this.#stopping.signal));
  }

  /** Waits until every rendition has been out for REREAD_AFTER_MS. */
  async #untilRereading(): Promise<void> {
    const { now } = this.#options;
    let waitedFrom = now();
    while (!this.#stopping.signal.aborted) {
      await this.#sleep(1000);
      const out = [...this.#followers.values()].every(({ health }) => health.kind === 'out');
      if (!out) waitedFrom = now();
      if (now() - waitedFrom > REREAD_AFTER_MS) return;
    }
  }

  #reviewState(): void {
    const { stream, now } = this.#options;
    const healths = [...this.#followers.values()].map(({ health }) => health);
    if (healths.some(({ kind }) => kind !== 'out')) this.#outSince = undefined;
    else this.#outSince ??= now();
    const hasMedia = stream.bufferSeconds > 0;
    const outForMs = this.#outSince === undefined ? 0 : now() - this.#outSince;
    const state = streamState(healths, hasMedia, outForMs, stream.buffer.bufferSeconds * 1000);
    if (state === stream.state) return;
    if (state === 'stale' || state === 'down')
      this.#log.warn({ state, reason: this.#lastReason }, 'the source is down');
    else this.#log.info({ state }, 'the source is up');
    stream.setState(state);
  }

  /** Waits before the next request for the entry playlist. */
  async #pause(ms: Millis): Promise<void> {
    const { url } = this.#options;
    if (this.#fetcher.untilChanged === undefined) await this.#sleep(ms);
    else await this.#fetcher.untilChanged(url, ms, this.#stopping.signal);
  }

  async #sleep(ms: Millis): Promise<void> {
    await sleep(ms, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
  }
}
