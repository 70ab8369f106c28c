import type { Millis } from '@freshet/protocol';
import type { SourceRange } from '../playlist/source-location.ts';

export interface FetchLimits {
  /** Until the response headers arrive; of a pushed file: until it is uploaded. */
  readonly headersMs: Millis;
  /** Between two chunks of the body. */
  readonly idleMs: Millis;
  /** From the request to the body's last byte, redirects included. */
  readonly wholeMs: Millis;
  /** Of the body, after decompression. */
  readonly maxBytes: number;
}

export interface Fetched {
  readonly data: Buffer;
  /** The final address, after redirects. */
  readonly url: string;
  /** Last-Modified, milliseconds since 1970. */
  readonly modifiedAt: number | undefined;
}

/** Gets a source's playlists and segments: from a media server over HTTP, or from an encoder's uploads. */
export interface Fetcher {
  /** @param range of the file. Default: all of it. @throws SourceFault on every failure */
  get(url: string, limits: FetchLimits, signal: AbortSignal, range?: SourceRange): Promise<Fetched>;
  /**
   * For fetchers that learn of changes without polling. Resolves when the file differs from the one that `get` returned
   * last, after the timeout, or when the signal aborts. Never rejects.
   */
  untilChanged?(url: string, timeoutMs: Millis, signal: AbortSignal): Promise<void>;
  /**
   * Checks the final address of content that cannot be recognised as media. Absent: every address is ours.
   * @throws SourceFault
   */
  checkUnsniffed?(url: string): void;
  close(): Promise<void>;
}
