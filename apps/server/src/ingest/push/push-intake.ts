import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Millis, StreamName } from '@freshet/protocol';
import { GuessLimit } from '../../util/guess-limit.ts';
import { sameSecret } from '../../util/same-secret.ts';
import { receiveUpload, refuse, type RefusedUpload } from '../upload/receive-upload.ts';
import type { UploadStore } from '../upload/upload-store.ts';

/** Wrong keys from one network for one stream: ten at once, and one more every six seconds. */
const WRONG_KEYS = { burst: 10, everyMs: 6000 } as const;

export interface PushRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** The path after `/ingest/`: `<stream>/<key>/<file>`. */
  readonly path: string;
  /** The client's address, as our proxies report it. */
  readonly address: string;
  /** Asked about uploads with the right key. */
  readonly permits: (stream: StreamName, key: string) => Promise<'yes' | 'no' | 'away'>;
}

/** Accepts HLS that encoders push over HTTP. Each stream has a key, and uploads without it are refused. */
export class PushIntake {
  readonly #streams = new Map<StreamName, { readonly key: string; readonly store: UploadStore }>();
  readonly #wrongKeys: GuessLimit;
  readonly #onRefused: (reason: RefusedUpload) => void;

  /** @param now milliseconds on a monotonic clock */
  constructor(onRefused: (reason: RefusedUpload) => void, now: () => Millis) {
    this.#onRefused = onRefused;
    this.#wrongKeys = new GuessLimit({ ...WRONG_KEYS, now });
  }

  open(name: StreamName, key: string, store: UploadStore): void {
    this.#streams.set(name, { key, store });
  }

  close(name: StreamName): void {
    this.#streams.delete(name);
  }

  /**
   * A wrong key and an unknown stream get the same response. The right key is never limited: else guesses from the
   * encoder's own network would take the stream off the air.
   */
  async receive({ request, response, path, address, permits }: PushRequest): Promise<void> {
    const onRefused = this.#onRefused;
    const [, stream = '', key = '', name = ''] = /^([^/]*)\/([^/]*)\/(.*)$/.exec(path) ?? [];
    const store = this.#storeFor(stream, key);
    if (store !== undefined) {
      const answer = await permits(stream, key);
      if (answer === 'yes') await receiveUpload({ request, response, store, name, onRefused });
      else if (answer === 'no')
        refuse({ response, onRefused }, 'key', 403, 'The access service does not permit this.');
      else {
        response.setHeader('Retry-After', '2');
        refuse({ response, onRefused }, 'key', 503, 'The access service does not respond; retry shortly.');
      }
      return;
    }
    const guessed = this.#streams.has(stream) ? stream : '';
    if (!this.#wrongKeys.allows(address, guessed)) {
      response.setHeader('Retry-After', String(Math.ceil(WRONG_KEYS.everyMs / 1000)));
      refuse({ response, onRefused }, 'attempts', 429, 'Too many wrong keys; retry later.');
      return;
    }
    this.#wrongKeys.wrong(address, guessed);
    refuse({ response, onRefused }, 'key', 403, 'Unknown stream or wrong key.');
  }

  /** @returns undefined if the key does not match the stream */
  #storeFor(stream: StreamName, key: string): UploadStore | undefined {
    const found = this.#streams.get(stream);
    // Compare in any case, so that the response time does not reveal which streams exist.
    const isRight = sameSecret(key, found?.key ?? '');
    return isRight && key !== '' ? found?.store : undefined;
  }
}
