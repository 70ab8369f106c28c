import { readRelay } from '../src/harness/relay-playlist.ts';

const EVERY_MS = 1000;

/** The sizes of a stream's segments, asked for as they are published: the relay forgets them after a minute. */
export class SegmentSizes {
  readonly #url: string;
  readonly #bytes = new Map<string, number>();
  readonly #timer: NodeJS.Timeout;
  #error: unknown;

  /** @param multivariantUrl on the server itself, not on what counts its traffic. */
  constructor(multivariantUrl: string) {
    this.#url = multivariantUrl;
    this.#timer = setInterval(() => {
      void this.look();
    }, EVERY_MS);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** Learns what the playlist now shows. Ahead of the first viewer, and once a second from then on. */
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
   * The bytes of these segments together; one that is named twice counts twice.
   * @throws Error when one was never seen in the playlist.
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
