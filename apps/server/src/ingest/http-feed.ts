import { setTimeout as sleep } from 'node:timers/promises';
import type { Millis } from '@freshet/protocol';
import type { Logger } from 'pino';
import { errors } from 'undici';
import { shownSource } from '../config/source-kind.ts';
import type { AddressGuard } from '../source/fetch/address-guard.ts';
import { backoff } from '../source/fetch/backoff.ts';
import { SourceFetcher } from '../source/fetch/source-fetcher.ts';
import { SOURCE_TIMES } from '../source/fetch/source-times.ts';
import type { Feed, LiveStream } from '../stream/live-stream.ts';
import { faultOf, SourceFault } from '../stream/source-fault.ts';

export interface HttpFeedOptions {
  /** An address that does not show what it holds: those of many radio stations and some playlists have no extension. */
  readonly url: string;
  readonly guard: AddressGuard;
  readonly stream: LiveStream;
  readonly log: Logger;
  /** Milliseconds on a monotonic clock. */
  readonly now: () => Millis;
  /** 0 to 1. */
  readonly random: () => number;
  readonly startHls: () => Feed;
  /** For an endless body. */
  readonly startContinuous: () => Feed;
}

/** `audio/mpegurl` and its like are playlists. */
const CONTINUOUS = /^(?:audio\/(?!(?:x-)?mpegurl)|video\/mp2t|video\/x-flv|application\/ogg)/i;
const LOOK_MS: Millis = 10_000;

/** Requests an address until its content type is known, and then fills the stream accordingly. */
export function startHttp(options: HttpFeedOptions): Feed {
  const stopping = new AbortController();
  const started = start(options, stopping.signal);
  return {
    stop: async () => {
      stopping.abort();
      await (await started)?.stop();
    },
  };
}

/** @returns undefined when it was stopped before that */
async function start(options: HttpFeedOptions, signal: AbortSignal): Promise<Feed | undefined> {
  const { url, guard, stream, log, now, random, startHls, startContinuous } = options;
  const stopped = () => signal.aborted;
  const startedAt = now();
  for (let failures = 0; !stopped(); failures++) {
    if (failures > 0) {
      const waitMs = backoff(failures, now() - startedAt, random());
      await sleep(waitMs, undefined, { signal }).catch(() => undefined);
    }
    const found = await look(url, guard, signal).catch((error: unknown) => faultOf(error, log));
    if (stopped()) return undefined;
    if (found === 'hls' || found === 'continuous') {
      stream.setProblem(undefined);
      return found === 'hls' ? startHls() : startContinuous();
    }
    stream.setState('down');
    stream.setProblem({ reason: 'unreachable', message: found.message });
    log.warn({ stream: stream.name, source: shownSource(url), reason: found.message }, 'the source is down');
  }
  return undefined;
}

async function look(
  url: string,
  guard: AddressGuard,
  signal: AbortSignal,
): Promise<'hls' | 'continuous' | SourceFault> {
  const fetcher = new SourceFetcher(guard, SOURCE_TIMES.connectMs);
  try {
    const { body, contentType } = await fetcher.open(url, { headersMs: LOOK_MS, idleMs: LOOK_MS }, signal);
    body.destroy();
    return CONTINUOUS.test(contentType) ? 'continuous' : 'hls';
  } catch (error) {
    if (!(error instanceof SourceFault)) throw error;
    // Most likely SHOUTcast 1, which is not HTTP.
    return error.cause instanceof errors.HTTPParserError ? 'continuous' : error;
  } finally {
    await fetcher.close();
  }
}
