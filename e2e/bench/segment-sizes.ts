import { readRelay } from '../src/harness/servers/relay-playlist.ts';

const EVERY_MS = 1000;

/**
 * The sizes of a stream's segments. They are requested as they are published: the relay drops segments after a minute.
 */
export class SegmentSizes {
  readonly #url: string;
  readonly #bytes = new Map<string, number>();
  readonly #timer: NodeJS.Timeout;
  #error: unknown;

  /** @param multivariantUrl on the server itself, not on the proxy that counts its traffic. */
  constructor(multivariantUrl: string) {
    this.#url = multivariantUrl;
    this.#timer = setInterval(() => {
      void this.look();
    }, EVERY_MS);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** Records the sizes of the segments in the playlist. Called before the first viewer joins, and once a second. */
  async look(): Promise<void> {
    try {
      for (const { url } of (await readRelay(this.#url)).segments) {
        const { pathname } = new URL(url);
        if (this.#bytes.has(pathname)) continue;
        const length = (await fetch(url, { method: 'HEAD' })).headers.get('content-length');
        if (length !== null) this.#bytes.set(pathname, Number(length));
      }
    } catch (error) {
      this.#error = error;
    }
  }

  /**
   * The total bytes of these segments. A segment that is listed twice counts twice.
   * @throws Error if a segment was never seen in the playlist.
   */
  sum(urls: readonly string[]): number {
    let sum = 0;
    for (const url of urls) {
      const bytes = this.#bytes.get(new URL(url).pathname);
      if (bytes === undefined) throw new Error(`unknown size of ${url}`, { cause: this.#error });
      sum += bytes;
    }
    return sum;
  }
}
