import type { ByteSpan } from '@freshet/protocol';
import type { Clock, Timer } from '../util/clock.ts';

/** A transfer fails when its first byte, or the next bytes, take longer than this. */
const FIRST_BYTE_TIMEOUT_MS = 8000;
const IDLE_TIMEOUT_MS = 5000;

export interface RangeRequest {
  readonly url: string;
  /** Only these bytes, by Range. Absent: the whole body. */
  readonly span?: ByteSpan | undefined;
  /** A longer body is broken off and fails. */
  readonly maxBytes: number;
  /** Gets the requested bytes, in order. The buffers belong to the receiver. */
  readonly onBytes: (bytes: Uint8Array<ArrayBuffer>) => void;
  readonly signal: AbortSignal;
  /** Default: that of `fetch`. */
  readonly credentials?: RequestCredentials | undefined;
  readonly clock: Clock;
  readonly firstByteTimeoutMs?: number;
  readonly idleTimeoutMs?: number;
}

export interface RangeResult {
  /** `differs`: the resource has fewer bytes than were requested. */
  readonly outcome: 'ok' | 'failed' | 'aborted' | 'differs';
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
  /** Requested bytes that arrived. */
  readonly bytes: number;
  readonly ttfbMs: number;
  readonly elapsedMs: number;
  /** The delay that the server asks for by Retry-After; 0 when it does not. */
  readonly retryAfterMs: number;
}

/**
 * Streams a byte range, or the whole body. Never rejects. When a server answers a Range request with the whole body
 * (200), the range is cut out of it. A body of the wrong length is a failure.
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
      // Chromium lets only one transfer at a time write a cache entry: ranges of one segment would wait for one
      // another.
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
      // Drop the rest of a 200 to a Range request, and of an endless body.
      void reader.cancel().catch(() => undefined);
    } else {
      void response.body?.cancel().catch(() => undefined);
    }
  } catch {
    // The request was refused, broke off, or was aborted by the caller or a timeout.
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
  const elapsedMs = clock() - startedAt;
  const outcome = signal.aborted ? 'aborted' : ok ? 'ok' : tooShort ? 'differs' : 'failed';
  return { outcome, status, bytes, ttfbMs: ttfbMs ?? elapsedMs, elapsedMs, retryAfterMs };
}

/** Which bytes of the body to take, and the most that it may contain; undefined when the answer is unusable. */
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
  // Pages of other sites cannot see this header unless the server exposes it. Then only the length is checked.
  const range = response.headers.get('Content-Range');
  if (range !== null && !range.startsWith(`bytes ${span.start}-${span.end - 1}/`)) return undefined;
  const length = span.end - span.start;
  return { start: 0, end: length, limit: length };
}
