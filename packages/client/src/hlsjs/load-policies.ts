import type { HlsConfig, LoaderConfig, LoaderResponse, RetryConfig } from 'hls.js';

/**
 * A live stream is worth waiting for: while its server restarts it answers nothing, 404 or 503, none of which hls.js
 * would retry or retry long. These take it over half a minute; after that the error is fatal to hls.js and
 * recovery goes on for ever.
 */
const RETRY: RetryConfig = {
  maxNumRetry: 18,
  retryDelayMs: 500,
  // As often as a live playlist is asked for anyway: a longer pause is a longer stall when the server is back.
  maxRetryDelayMs: 2000,
  shouldRetry: (config, count, isTimeout, response, wouldRetry) =>
    wouldRetry || (config != null && count < config.maxNumRetry && (isTimeout || mayPass(response))),
};

/**
 * At the start a viewer had better be told soon that there is no such stream, or no server. One that is full lets
 * newcomers in one after the other: it says 503, and is asked for as long as a server that restarts.
 */
const MANIFEST: LoaderConfig = {
  maxTimeToFirstByteMs: 8000,
  maxLoadTimeMs: 20_000,
  timeoutRetry: { maxNumRetry: 2, retryDelayMs: 0, maxRetryDelayMs: 0 },
  errorRetry: { ...RETRY, maxNumRetry: 3, shouldRetry: retriesUnlessNotFound },
};

const PLAYLIST: LoaderConfig = {
  maxTimeToFirstByteMs: 8000,
  maxLoadTimeMs: 20_000,
  timeoutRetry: RETRY,
  errorRetry: RETRY,
};

/**
 * For what hls.js's own loader takes (init segments, and everything in plain state). Our own loader has no time limit
 * here: a held request is answered by its deadline, and the origin's transfers have limits of their own.
 */
const FRAGMENT: LoaderConfig = {
  maxTimeToFirstByteMs: 8000,
  maxLoadTimeMs: 60_000,
  timeoutRetry: { maxNumRetry: 4, retryDelayMs: 0, maxRetryDelayMs: 0 },
  errorRetry: { ...RETRY, maxNumRetry: 6, shouldRetry: retriesUnlessNotFound },
};

export function loadPolicies(): Pick<
  HlsConfig,
  'fragLoadPolicy' | 'manifestLoadPolicy' | 'playlistLoadPolicy'
> {
  return {
    manifestLoadPolicy: { default: MANIFEST },
    playlistLoadPolicy: { default: PLAYLIST },
    fragLoadPolicy: { default: FRAGMENT },
  };
}

/** No answer at all (hls.js says 0), not found yet, or the server's own trouble. */
function mayPass(response: LoaderResponse | undefined): boolean {
  const code = response?.code ?? 0;
  return code === 0 || code === 404 || code === 429 || code >= 500;
}

/** A segment that is not found has left the window; a stream that is not found does not exist. */
function retriesUnlessNotFound(
  config: RetryConfig | null | undefined,
  count: number,
  isTimeout: boolean,
  response: LoaderResponse | undefined,
  wouldRetry: boolean,
): boolean {
  if (response?.code === 404) return false;
  const most = response?.code === 503 ? RETRY.maxNumRetry : (config?.maxNumRetry ?? 0);
  return wouldRetry || (count < most && (isTimeout || mayPass(response)));
}
