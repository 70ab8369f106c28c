interface Asked {
  readonly url: string;
  readonly abort: AbortController;
  /** undefined: the request failed. It may succeed once the part is listed. */
  readonly data: Promise<Buffer | undefined>;
}

/**
 * Requests the part that a source hints at (RFC 8216bis, 4.4.5.3) before it is listed: the source responds when the
 * part exists, which saves a round trip. One request at a time.
 */
export class HintedPart {
  readonly #get: (url: string, signal: AbortSignal) => Promise<Buffer>;
  #asked: Asked | undefined;

  constructor(get: (url: string, signal: AbortSignal) => Promise<Buffer>) {
    this.#get = get;
  }

  /** Requests the hinted part. Another hint, or none, aborts the previous request. */
  ask(url: string | undefined): void {
    if (url === this.#asked?.url) return;
    this.#asked?.abort.abort();
    const abort = new AbortController();
    this.#asked =
      url === undefined
        ? undefined
        : { url, abort, data: this.#get(url, abort.signal).catch(() => undefined) };
  }

  /**
   * Call it when the part is listed. Hands the request over to one caller. @returns undefined when it was not requested
   */
  take(url: string): Promise<Buffer | undefined> | undefined {
    if (this.#asked?.url !== url) return undefined;
    const { data } = this.#asked;
    this.#asked = undefined;
    return data;
  }
}
