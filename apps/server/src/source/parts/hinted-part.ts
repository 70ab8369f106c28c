interface Asked {
  readonly url: string;
  readonly abort: AbortController;
  /** undefined: it could not be had, which may change until it is listed. */
  readonly data: Promise<Buffer | undefined>;
}

/**
 * The part that a source hints at (RFC 8216bis, 4.4.5.3), asked for before it is listed: the answer comes when the part
 * is there, and the way to the source and back is saved. One at a time.
 */
export class HintedPart {
  readonly #get: (url: string, signal: AbortSignal) => Promise<Buffer>;
  #asked: Asked | undefined;

  constructor(get: (url: string, signal: AbortSignal) => Promise<Buffer>) {
    this.#get = get;
  }

  /** Another hint, or none, calls the request for the one before off. */
  ask(url: string | undefined): void {
    if (url === this.#asked?.url) return;
    this.#asked?.abort.abort();
    const abort = new AbortController();
    this.#asked =
      url === undefined
        ? undefined
        : { url, abort, data: this.#get(url, abort.signal).catch(() => undefined) };
  }

  /** The part is listed: whoever takes what was asked for has it alone. @returns undefined when it was not asked for */
  take(url: string): Promise<Buffer | undefined> | undefined {
    if (this.#asked?.url !== url) return undefined;
    const { data } = this.#asked;
    this.#asked = undefined;
    return data;
  }
}
