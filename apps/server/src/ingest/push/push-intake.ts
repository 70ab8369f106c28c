import type { IncomingMessage, ServerResponse } from 'node:http';
import type { StreamName } from '@freshet/protocol';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { sameSecret } from '../../util/same-secret.ts';
import { receiveUpload, refuse, type RefusedUpload } from '../upload/receive-upload.ts';
import type { UploadStore } from '../upload/upload-store.ts';

/**
 * Wrong keys allowed from one address, and the seconds for which they count and for which the address is then blocked.
 */
const MAX_WRONG_KEYS = 10;
const WRONG_KEYS_SECONDS = 60;

export interface PushRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** The path after `/ingest/`: `<stream>/<key>/<file>`. */
  readonly path: string;
  /** The client's address, as our proxies report it. */
  readonly address: string;
}

/** Accepts HLS that encoders push over HTTP. Each stream has a key, and uploads without it are refused. */
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

  /** A wrong key and an unknown stream get the same response. */
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

  /** @returns undefined if the key does not match the stream */
  #storeFor(stream: StreamName, key: string): UploadStore | undefined {
    const found = this.#streams.get(stream);
    // Compare in any case, so that the response time does not reveal which streams exist.
    const isRight = sameSecret(key, found?.key ?? '');
    return isRight && key !== '' ? found?.store : undefined;
  }
}
