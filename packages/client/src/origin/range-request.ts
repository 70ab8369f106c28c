import type { ByteSpan } from '@freshet/protocol';
import type { Clock, Timer } from '../util/clock.ts';

/** Without a first byte for this long, or without another one, a transfer has failed. */
const FIRST_BYTE_TIMEOUT_MS = 8000;
const IDLE_TIMEOUT_MS = 5000;

export interface RangeRequest {
  readonly url: string;
  /** Only these bytes, by Range; absent: the whole body. */
  readonly span?: ByteSpan | undefined;
  /** A body longer than this is broken off. */
  readonly maxBytes: number;
  /** Bytes of the wanted part, in order. They are the receiver's own. */
  readonly onBytes: (bytes: Uint8Array<ArrayBuffer>) => void;
  readonly signal: AbortSignal;
  /** Default: fetch's own. */
  readonly credentials?: RequestCredentials | undefined;
  readonly clock: Clock;
  readonly firstByteTimeoutMs?: number;
  readonly idleTimeoutMs?: number;
}

export interface RangeResult {
  /** `differs`: the resource has not so many bytes as were asked for. */
  readonly outcome: 'ok' | 'failed' | 'aborted' | 'differs';
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
  /** Bytes of the wanted part that came. */
  readonly bytes: number;
  readonly ttfbMs: number;
  readonly elapsedMs: number;
  /** When the server asks to be asked again (Retry-After); 0: it does not say. */
  readonly retryAfterMs: number;
}

/**
 * Gets a byte range, or the whole body, as it streams in. Never rejects. When a server answers a range with the whole
 * body (200), the range is cut out of it. A body of the wrong length is a failure.
 */
export async function requestRange(request: RangeRequest): Promise<RangeResult> {
  const { url, span, maxBytes, onBytes, signal, clock } = request;
  const startedAt = clock();
  const timeout = new AbortController();
  let timer: Timer | undefined;
  const expireIn = (ms: number) => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      timeout.abort();
    }, ms);
  };
  const stop = () => {
    timeout.abort();
  };
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();

  let status = 0;
  let bytes = 0;
  let ttfbMs: number | undefined;
  let ok = false;
  let tooShort = false;
  let retryAfterMs = 0;
  try {
    expireIn(request.firstByteTimeoutMs ?? FIRST_BYTE_TIMEOUT_MS);
    const response = await fetch(url, {
      // Chromium lets one transfer at a time write a cache entry: ranges of one segment would wait for each other.
      cache: 'no-store',
      signal: timeout.signal,
      ...(request.credentials !== undefined && { credentials: request.credentials }),
      ...(span !== undefined && { headers: { Range: `bytes=${span.start}-${span.end - 1}` } }),
    });
    status = response.status;
    retryAfterMs = Number(response.headers.get('Retry-After')) * 1000 || 0;
    tooShort = span !== undefined && status === 416;
    const window = windowOf(response, span, maxBytes);
    if (window !== undefined && response.body !== null) {
      const reader = response.body.getReader();
      let position = 0;
      for (;;) {
        const { done, value } = await reader.read();
        if (done) {
          tooShort = span !== undefined && bytes < span.end - span.start;
          break;
        }
        ttfbMs ??= clock() - startedAt;
        expireIn(request.idleTimeoutMs ?? IDLE_TIMEOUT_MS);
        const part = value.subarray(Math.max(0, window.start - position), Math.max(0, window.end - position));
        position += value.length;
        if (position > window.limit) break;
        if (part.length > 0) {
          bytes += part.length;
          onBytes(part);
        }
        if (span !== undefined && bytes === span.end - span.start) break;
      }
      ok = position <= window.limit && (span === undefined ? bytes > 0 : bytes === span.end - span.start);
      // The rest of a 200 to a Range request is not wanted, nor that of a body without end.
      void reader.cancel().catch(() => undefined);
    } else {
      void response.body?.cancel().catch(() => undefined);
    }
  } catch {
    // Refused, broken off, or ended by one of the aborts.
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
  const elapsedMs = clock() - startedAt;
  const outcome = signal.aborted ? 'aborted' : ok ? 'ok' : tooShort ? 'differs' : 'failed';
  return { outcome, status, bytes, ttfbMs: ttfbMs ?? elapsedMs, elapsedMs, retryAfterMs };
}

/** Which bytes of the body are wanted, and how long it may be; undefined when the answer is of no use. */
function windowOf(
  response: Response,
  span: ByteSpan | undefined,
  maxBytes: number,
): { start: number; end: number; limit: number } | undefined {
  if (span === undefined) {
    return response.status === 200 ? { start: 0, end: maxBytes, limit: maxBytes } : undefined;
  }
  if (response.status === 200) return { ...span, limit: maxBytes };
  if (response.status !== 206) return undefined;
  // Hidden from other sites' pages unless the server exposes it; then the length alone has to do.
  const range = response.headers.get('Content-Range');
  if (range !== null && !range.startsWith(`bytes ${span.start}-${span.end - 1}/`)) return undefined;
  const length = span.end - span.start;
  return { start: 0, end: length, limit: length };
}
