import type { HlsConfig, LoaderConfig, LoaderResponse, RetryConfig } from 'hls.js';

/**
 * While the server of a live stream restarts, it does not answer, or answers 404 or 503. hls.js would not retry these,
 * or not for long. This policy bridges more than half a minute; after that the error is fatal to hls.js, and
 * `ErrorRecovery` retries for ever.
 */
const RETRY: RetryConfig = {
  maxNumRetry: 18,
  retryDelayMs: 500,
  // As often as a live playlist is requested anyway: a longer delay lengthens the stall when the server is back.
  maxRetryDelayMs: 2000,
  shouldRetry: (config, count, isTimeout, response, wouldRetry) =>
    wouldRetry || (config != null && count < config.maxNumRetry && (isTimeout || mayPass(response))),
};

/**
 * At the start a viewer should learn soon that there is no such stream, or no server. A full server admits newcomers
 * one after another: it answers 503, and is retried for as long as a restarting server.
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
 * For what hls.js's own loader fetches (init segments, and everything in plain state). For our own loader these time
 * limits do not hold: a held request is answered by its deadline, and transfers from the origin have limits of their
 * own.
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

/** No answer (code 0 in hls.js), not found yet, too many requests, or a fault of the server. */
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
