import type { Readable } from 'node:stream';
import { Agent, type Dispatcher, errors, request } from 'undici';
import { SourceFault } from '../../stream/source-fault.ts';
import { absoluteUrl, type SourceRange } from '../playlist/source-location.ts';
import { AddressGuard } from './address-guard.ts';
import type { Fetched, Fetcher, FetchLimits } from './fetcher.ts';
import { decoded, readBounded } from './read-bounded.ts';

export interface Opened {
  readonly body: Readable;
  readonly contentType: string;
}

const MAX_REDIRECTS = 5;

/** The HTTP client of one source. It bounds time and size, and connects only to addresses that its guard allows. */
export class SourceFetcher implements Fetcher {
  readonly #guard: AddressGuard;
  readonly #agent: Agent;

  /**
   * @param guard of the source. One for all of its fetchers: it remembers where the configured host is
   * @param connectMs limit for setting up a TCP and TLS connection; the same for all requests
   */
  constructor(guard: AddressGuard, connectMs: number) {
    this.#guard = guard;
    this.#agent = new Agent({ connect: { timeout: connectMs, lookup: guard.lookup } });
  }

  checkUnsniffed(url: string): void {
    this.#guard.checkUnsniffed(url);
  }

  /** @throws SourceFault on every failure */
  async get(url: string, limits: FetchLimits, signal: AbortSignal, range?: SourceRange): Promise<Fetched> {
    // One controller for each request: combining with a signal that lives as long as the source would accumulate
    // listeners.
    const controller = new AbortController();
    const abort = () => {
      controller.abort();
    };
    signal.addEventListener('abort', abort);
    const tooLong = setTimeout(() => {
      controller.abort(new SourceFault('timeout', `incomplete after ${limits.wholeMs / 1000} s`));
    }, limits.wholeMs);
    try {
      signal.throwIfAborted();
      const found = await this.#follow(url, limits, controller.signal, range);
      const data = await body(found.answer, limits.maxBytes, range);
      return { data, url: found.url, modifiedAt: modifiedAt(found.answer) };
    } catch (error) {
      throw asFault(controller.signal.aborted ? controller.signal.reason : error);
    } finally {
      clearTimeout(tooLong);
      signal.removeEventListener('abort', abort);
    }
  }

  /** Opens an endless body, to be read as it arrives. @throws SourceFault */
  async open(
    url: string,
    limits: Pick<FetchLimits, 'headersMs' | 'idleMs'>,
    signal: AbortSignal,
  ): Promise<Opened> {
    try {
      signal.throwIfAborted();
      const { answer } = await this.#follow(url, limits, signal, undefined);
      if (answer.statusCode !== 200) {
        discard(answer);
        throw new SourceFault('status', `the source returned status ${answer.statusCode}`, answer.statusCode);
      }
      return {
        body: decoded(answer.body, single(answer.headers['content-encoding'])),
        contentType: single(answer.headers['content-type']) ?? '',
      };
    } catch (error) {
      throw asFault(error);
    }
  }

  close(): Promise<void> {
    return this.#agent.destroy();
  }

  async #follow(
    start: string,
    limits: Pick<FetchLimits, 'headersMs' | 'idleMs'>,
    signal: AbortSignal,
    range: SourceRange | undefined,
  ): Promise<{ readonly answer: Dispatcher.ResponseData; readonly url: string }> {
    let url = start;
    for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
      this.#guard.checkUrl(url);
      const answer = await this.#ask(url, limits, signal, range);
      // The reader of the body receives its errors. Without this listener, an error in a discarded body would end the
      // process.
      answer.body.on('error', () => undefined);
      const location = single(answer.headers['location']);
      if (answer.statusCode >= 300 && answer.statusCode < 400 && location !== undefined) {
        discard(answer);
        url = absoluteUrl(location, url);
        continue;
      }
      return { answer, url };
    }
    throw new SourceFault('redirects', `more than ${MAX_REDIRECTS} redirects`);
  }

  async #ask(
    url: string,
    limits: Pick<FetchLimits, 'headersMs' | 'idleMs'>,
    signal: AbortSignal,
    range: SourceRange | undefined,
  ): Promise<Dispatcher.ResponseData> {
    const ask = () =>
      request(url, {
        dispatcher: this.#agent,
        signal,
        headersTimeout: limits.headersMs,
        bodyTimeout: limits.idleMs,
        headers: {
          'user-agent': 'freshet',
          accept: '*/*',
          'accept-encoding': range === undefined ? 'gzip' : 'identity',
          ...(range && { range: `bytes=${range.start}-${range.start + range.length - 1}` }),
        },
      });
    try {
      return await ask();
    } catch (error) {
      // The server closed a kept-alive connection at that very moment. That is no outage, so retry at once.
      if (error instanceof errors.SocketError && !signal.aborted) return ask();
      throw error;
    }
  }
}

async function body(
  answer: Dispatcher.ResponseData,
  maxBytes: number,
  range: SourceRange | undefined,
): Promise<Buffer> {
  const { statusCode } = answer;
  const wanted = range === undefined ? 200 : 206;
  if (statusCode !== wanted) {
    discard(answer);
    if (statusCode === 200) throw new SourceFault('range', 'the source does not support byte ranges');
    throw new SourceFault('status', `the source returned status ${statusCode}`, statusCode);
  }
  const declared = Number(single(answer.headers['content-length']) ?? 0);
  if (declared > maxBytes) {
    discard(answer);
    throw new SourceFault('too-large', `${declared} bytes, more than the limit of ${maxBytes}`);
  }
  const data = await readBounded(decoded(answer.body, single(answer.headers['content-encoding'])), maxBytes);
  if (range === undefined) return data;
  const from = /^bytes (\d+)-/.exec(single(answer.headers['content-range']) ?? '')?.[1];
  if (Number(from) !== range.start || data.length !== range.length)
    throw new SourceFault('range', 'the source returned a different byte range');
  return data;
}

/** Reads a short body to its end, so that the connection can be reused. */
function discard({ body }: Dispatcher.ResponseData): void {
  void body.dump({ limit: 64 * 1024 }).catch(() => undefined);
}

function modifiedAt({ headers }: Dispatcher.ResponseData): number | undefined {
  const time = Date.parse(single(headers['last-modified']) ?? '');
  return Number.isNaN(time) ? undefined : time;
}

function single(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.[0];
}

function asFault(error: unknown): SourceFault {
  if (error instanceof SourceFault) return error;
  if (error instanceof errors.HeadersTimeoutError || error instanceof errors.BodyTimeoutError)
    return new SourceFault('timeout', 'the source stopped responding');
  if (error instanceof errors.ConnectTimeoutError)
    return new SourceFault('timeout', 'cannot connect to the source');
  const message = error instanceof Error ? error.message || error.name : String(error);
  const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
  return new SourceFault('network', `${message}${code}`, undefined, error);
}
