import { readFile } from 'node:fs/promises';
import type { Millis } from '@freshet/protocol';
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import * as v from 'valibot';
import { fetchBounded } from './fetch-bounded.ts';

/** The set is read again when it is this old, so that a key that was removed from it stops opening streams. */
const REFRESH_MS: Millis = 60_000;
/** A token names a key that is not in the set: the set is read again, at most this often. */
const UNKNOWN_KEY_MS: Millis = 5000;
const TIMEOUT_MS: Millis = 3000;
const MAX_BYTES = 256 * 1024;
/** Further keys are ignored: a token without a key's name is tried with each that fits. */
const MAX_KEYS = 32;

const Keys = v.object({ keys: v.array(v.looseObject({ kty: v.string() })) });

export interface KeySetOptions {
  /** http(s) address or path of a file with a JSON Web Key Set (RFC 7517). */
  readonly where: string;
  readonly now: () => Millis;
  /** Called when the set cannot be read. The keys that were read last stay in force. */
  readonly onFault: (error: unknown) => void;
}

/** The public keys that sign tokens. It follows their rotation. */
export class KeySet {
  readonly #options: KeySetOptions;
  #find: JWTVerifyGetKey | undefined;
  #readAt: Millis | undefined;
  #reading: Promise<void> | undefined;

  constructor(options: KeySetOptions) {
    this.#options = options;
  }

  /** Finds the key of a token, for jose. @throws JOSEError if no key fits */
  readonly find: JWTVerifyGetKey = async (header, token) => {
    if (this.#find === undefined) await this.#read(UNKNOWN_KEY_MS);
    // A set that is merely old is read in the background: nobody waits for it.
    else void this.#read(REFRESH_MS);
    try {
      return await this.#look(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      await this.#read(UNKNOWN_KEY_MS);
      return this.#look(header, token);
    }
  };

  /** Whether the set was ever read. Until then nobody can be admitted. */
  get isKnown(): boolean {
    return this.#find !== undefined;
  }

  /** Reads the set, if the last attempt is older than this. Never rejects. */
  #read(olderThanMs: Millis): Promise<void> {
    const { where, now, onFault } = this.#options;
    if (this.#reading !== undefined) return this.#reading;
    if (this.#readAt !== undefined && now() - this.#readAt < olderThanMs) return Promise.resolve();
    this.#readAt = now();
    this.#reading = readText(where)
      .then((text) => {
        const { keys } = v.parse(Keys, JSON.parse(text));
        const set = { keys: keys.slice(0, MAX_KEYS) } as JSONWebKeySet;
        this.#find = createLocalJWKSet(set);
      })
      .catch(onFault)
      .finally(() => {
        this.#reading = undefined;
      });
    return this.#reading;
  }

  #look(...[header, token]: Parameters<JWTVerifyGetKey>): ReturnType<JWTVerifyGetKey> {
    if (this.#find === undefined) throw new errors.JWKSNoMatchingKey();
    return this.#find(header, token);
  }
}

async function readText(where: string): Promise<string> {
  if (!/^https?:\/\//i.test(where)) return readFile(where, 'utf8');
  const { status, text } = await fetchBounded(where, { timeoutMs: TIMEOUT_MS, maxBytes: MAX_BYTES });
  if (status !== 200) throw new Error(`status ${status}`);
  return text;
}
