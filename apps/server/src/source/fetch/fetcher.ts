import type { Millis } from '@freshet/protocol';
import type { SourceRange } from '../playlist/source-location.ts';

/** Times in milliseconds. */
export interface FetchLimits {
  /** To the answer's headers; of what is uploaded to us: until it is there. */
  readonly headersMs: Millis;
  /** Between two stretches of the body. */
  readonly idleMs: Millis;
  /** From the request to the body's last byte, redirects included. */
  readonly wholeMs: Millis;
  /** Of the body, after decompression. */
  readonly maxBytes: number;
}

export interface Fetched {
  readonly data: Buffer;
  /** After redirects. */
  readonly url: string;
  /** Last-Modified, milliseconds since 1970. */
  readonly modifiedAt: number | undefined;
}

/** Where a source's playlists and segments come from: a media server over HTTP, or what an encoder uploaded to us. */
export interface Fetcher {
  /** @param range of the file. @throws SourceFault, whatever goes wrong */
  get(url: string, limits: FetchLimits, signal: AbortSignal, range?: SourceRange): Promise<Fetched>;
  /**
   * Where changes are known without asking: resolves as soon as the file is another than `get` gave last, after the
   * time, or at the signal. Never fails.
   */
  untilChanged?(url: string, timeoutMs: Millis, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}
