import type { HlsConfig } from 'hls.js';
import { withQuery } from './with-query.ts';

type MakeToken = () => string | Promise<string>;

/**
 * The viewer's token for a private stream. Requests of playlists show it; addresses of media carry a ticket of the
 * server instead. The page's own code makes another one when this one expires, or is refused.
 */
export class AccessToken {
  /** Undefined without a token, and before the page's code has made the first one. */
  value: string | undefined;
  readonly #prefix: string;
  readonly #make: MakeToken | undefined;
  /** Settles when the token that is being made is here, or cannot be made. */
  making: Promise<void> | undefined;

  /** @param url of the stream's multivariant playlist: the token is sent to its folder and nowhere else */
  constructor(url: string, token: string | MakeToken | undefined, onTokenExpired: MakeToken | undefined) {
    this.#prefix = url.replace(/index\.m3u8.*/, '');
    this.#make = onTokenExpired;
    if (typeof token === 'function') {
      this.#make ??= token;
      void this.renew(token);
    } else this.value = token;
  }

  /**
   * Has the page make another token. The present one stays in use meanwhile, and if that fails: the server's refusal
   * then tells what is wrong. @returns undefined if the page makes none
   */
  renew(make = this.#make): Promise<void> | undefined {
    return (
      make &&
      (this.making ??= (async () => {
        try {
          this.value = await make();
        } catch {
          /* See above. */
        }
      })().finally(() => {
        this.making = undefined;
      }))
    );
  }

  /** The address with the token, if it needs one. */
  authorised(url: string): string {
    return this.value && url.startsWith(this.#prefix) && !url.includes('ticket=')
      ? withQuery(url, { token: this.value })
      : url;
  }

  /** For hls.js's own requests. */
  readonly xhrSetup: NonNullable<HlsConfig['xhrSetup']> = async (xhr, url) => {
    if (!this.value) await this.making;
    xhr.open('GET', this.authorised(url), true);
  };
}
