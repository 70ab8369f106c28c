import type { IncomingMessage, ServerResponse } from 'node:http';
import type { StreamName } from '@freshet/protocol';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { sameSecret } from '../../util/same-secret.ts';
import { receiveUpload, refuse, type RefusedUpload } from '../upload/receive-upload.ts';
import type { UploadStore } from '../upload/upload-store.ts';

/** Wrong keys from one address, and the time in which they count and for which it is then shut out. */
const MAX_WRONG_KEYS = 10;
const WRONG_KEYS_SECONDS = 60;

export interface PushRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** What the address has behind `/ingest/`: `<stream>/<key>/<file>`. */
  readonly path: string;
  /** Of who asks, behind our proxies. */
  readonly address: string;
}

/** Takes what encoders push over HTTP: each stream has a key, and only who has it is heard. */
export class PushIntake {
  readonly #streams = new Map<StreamName, { readonly key: string; readonly store: UploadStore }>();
  readonly #wrongKeys = new RateLimiterMemory({ points: MAX_WRONG_KEYS, duration: WRONG_KEYS_SECONDS });
  readonly #onRefused: (reason: RefusedUpload) => void;

  constructor(onRefused: (reason: RefusedUpload) => void) {
    this.#onRefused = onRefused;
  }

  open(name: StreamName, key: string, store: UploadStore): void {
    this.#streams.set(name, { key, store });
  }

  close(name: StreamName): void {
    this.#streams.delete(name);
  }

  /** A wrong key and a stream that is not there are answered alike. */
  async receive({ request, response, path, address }: PushRequest): Promise<void> {
    const onRefused = this.#onRefused;
    if (((await this.#wrongKeys.get(address))?.consumedPoints ?? 0) >= MAX_WRONG_KEYS) {
      response.setHeader('Retry-After', String(WRONG_KEYS_SECONDS));
      refuse({ response, onRefused }, 'attempts', 429, 'Too many wrong keys; retry in a minute.');
      return;
    }
    const [, stream = '', key = '', name = ''] = /^([^/]*)\/([^/]*)\/(.*)$/.exec(path) ?? [];
    const store = this.#storeFor(stream, key);
    if (store === undefined) {
      await this.#wrongKeys.penalty(address);
      refuse({ response, onRefused }, 'key', 403, 'Unknown stream or wrong key.');
      return;
    }
    await receiveUpload({ request, response, store, name, onRefused });
  }

  /** @returns undefined where the key does not open the stream */
  #storeFor(stream: StreamName, key: string): UploadStore | undefined {
    const found = this.#streams.get(stream);
    // Compared in any case: the time tells nobody which streams there are.
    const isRight = sameSecret(key, found?.key ?? '');
    return isRight && key !== '' ? found?.store : undefined;
  }
}
