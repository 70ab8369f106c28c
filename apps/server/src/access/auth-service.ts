import { type Millis, setBounded } from '@freshet/protocol';
import { fetchBounded } from './fetch-bounded.ts';

/** A question to the operator's service, in the form of MediaMTX's `authHTTPAddress`. */
export interface AuthQuestion {
  readonly user: string;
  readonly password: string;
  readonly token: string;
  readonly ip: string;
  readonly action: 'publish' | 'read' | 'console';
  /** The stream; empty for the console. */
  readonly path: string;
  /** `webrtc`: the swarm. */
  readonly protocol: 'hls' | 'webrtc' | 'http';
  readonly id: string;
  readonly query: string;
}

/** `away`: the service gave no answer, or said that it cannot. */
export type AuthAnswer = 'yes' | 'no' | 'away';

/** An answer holds for this long. After that it is asked for again in the background, by whoever still needs it. */
const FRESH_MS: Millis = 10_000;
/** Someone who was permitted and has asked within this time goes on while the service is away. */
const KNOWN_MS: Millis = 60_000;
const TIMEOUT_MS: Millis = 3000;
const MAX_ANSWER_BYTES = 64 * 1024;
/** Questions at the service at once, and those that wait for their turn. Further ones are answered `away`. */
const MAX_ASKING = 32;
const MAX_WAITING = 5000;
/**
 * Those who were permitted, and the others who asked, that are remembered. The one that asked least recently is
 * forgotten. Strangers can only push out one another.
 */
const MAX_KNOWN = 20_000;

interface Known {
  answer: AuthAnswer;
  askedAt: Millis;
  usedAt: Millis;
  asking: Promise<AuthAnswer> | undefined;
}

/** Asks the operator's own service who may watch, publish and use the console. 2xx means yes. */
export class AuthService {
  readonly #url: string;
  readonly #now: () => Millis;
  readonly #onFault: (error: unknown) => void;
  readonly #permitted = new Map<string, Known>();
  readonly #others = new Map<string, Known>();
  readonly #waiting: (() => void)[] = [];
  #asking = 0;

  constructor(url: string, now: () => Millis, onFault: (error: unknown) => void) {
    this.#url = url;
    this.#now = now;
    this.#onFault = onFault;
  }

  /** Never rejects. */
  async ask(question: AuthQuestion): Promise<AuthAnswer> {
    const now = this.#now();
    // The id differs from connection to connection, and the answer does not depend on it.
    const key = JSON.stringify({ ...question, id: '' });
    const known = this.#permitted.get(key) ?? this.#others.get(key);
    const isKnown = known?.answer === 'yes' && now - known.usedAt < KNOWN_MS;
    const entry = known ?? { answer: 'away', askedAt: -Infinity, usedAt: now, asking: undefined };
    entry.usedAt = now;
    this.#remember(key, entry);
    if (entry.answer !== 'away' && now - entry.askedAt < FRESH_MS) return entry.answer;
    entry.asking ??= this.#inTurn(question).then((answer) => {
      entry.asking = undefined;
      entry.askedAt = this.#now();
      // Who watches goes on while the service is away.
      if (answer !== 'away' || !isKnown) entry.answer = answer;
      this.#remember(key, entry);
      return answer;
    });
    return isKnown ? 'yes' : entry.asking;
  }

  #remember(key: string, entry: Known): void {
    this.#permitted.delete(key);
    this.#others.delete(key);
    setBounded(entry.answer === 'yes' ? this.#permitted : this.#others, key, entry, MAX_KNOWN);
  }

  async #inTurn(question: AuthQuestion): Promise<AuthAnswer> {
    if (this.#asking >= MAX_ASKING) {
      if (this.#waiting.length >= MAX_WAITING) return 'away';
      const since = this.#now();
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
      if (this.#now() - since > TIMEOUT_MS) {
        this.#waiting.shift()?.();
        return 'away';
      }
    }
    this.#asking++;
    try {
      return await this.#post(question);
    } finally {
      this.#asking--;
      this.#waiting.shift()?.();
    }
  }

  /** The service's body does not matter: it is read to keep the connection. */
  async #post(body: AuthQuestion): Promise<AuthAnswer> {
    try {
      const { status } = await fetchBounded(this.#url, {
        ...{ body, timeoutMs: TIMEOUT_MS, maxBytes: MAX_ANSWER_BYTES },
      });
      if (status >= 200 && status < 300) return 'yes';
      if (status >= 400 && status < 500 && status !== 429) return 'no';
      throw new Error(`status ${status}`);
    } catch (error) {
      this.#onFault(error);
      return 'away';
    }
  }
}
