import type { ErrorData } from 'hls.js';
import type Hls from 'hls.js';
import { backoffMs } from '@freshet/protocol';
import type { FreshetWarning } from '../api.ts';
import type { Clock, Timer } from '../util/clock.ts';

const FIRST_MS = 500;
const LAST_MS = 5000;
/** So that viewers that lost the same server do not all come back at once. */
const SPREAD = 0.5;
/**
 * Media errors and refusals (401, 403) that are recovered from within a minute. Retrying does not cure a stream that
 * breaks the decoder more often, and a viewer that is refused once more, in 5 s at the most, has no token that is valid.
 */
const MAX_RECOVERIES = 3;
const WINDOW_MS = 60_000;
/** Refusals of playlists within this time count once. */
const SPACING_MS = 1000;

/**
 * Recovers hls.js from errors that it calls fatal: a server that does not answer is retried for ever, with back-off; a
 * media error, or a server that refuses the viewer, is recovered from a bounded number of times.
 */
export class ErrorRecovery {
  readonly #hls: Hls;
  readonly #warn: (warning: FreshetWarning) => void;
  readonly #clock: Clock;
  #attempts = 0;
  #timer: Timer | undefined;
  /** The latest errors from which recovery is bounded. */
  #bounded: number[] = [];

  constructor(hls: Hls, warn: (warning: FreshetWarning) => void, clock: Clock) {
    this.#hls = hls;
    this.#warn = warn;
    this.#clock = clock;
  }

  /** A segment was buffered, so the fault is over: resets the back-off. */
  buffered(): void {
    this.#attempts = 0;
  }

  failed(error: ErrorData): void {
    const { fatal, frag, response } = error;
    const type: string = error.type;
    // hls.js itself would load a playlist that it is refused again and again.
    const denied = (response?.code === 401 || response?.code === 403) && (fatal || !frag);
    // After a refusal hls.js tries its other playlists at once, which the old token does not open either.
    const isAnother = this.#clock() - Number(this.#bounded.at(-1)) < SPACING_MS;
    if (!fatal && (!denied || isAnother)) return;
    const isMedia = type === 'mediaError';
    const isFinal = denied || isMedia ? !this.#mayRecover() : type !== 'networkError';
    this.#warn({
      code: !isFinal ? 'recovering' : denied ? 'denied' : 'playback-failed',
      message: `${error.details}: ${error.error.message}`,
    });
    if (isFinal && denied) {
      this.#hls.stopLoad();
      // What is buffered may be long.
      this.#hls.detachMedia();
    }
    if (isFinal) return;
    if (isMedia) this.#hls.recoverMediaError();
    else if (fatal) this.#reloadLater();
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #reloadLater(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(
      () => {
        const { url, levels } = this.#hls;
        // Without a multivariant playlist there is nothing to start.
        if (levels.length === 0 && url !== null) this.#hls.loadSource(url);
        else this.#hls.startLoad();
      },
      backoffMs(this.#attempts++, FIRST_MS, LAST_MS, SPREAD, Math.random()),
    );
  }

  #mayRecover(): boolean {
    const now = this.#clock();
    this.#bounded = this.#bounded.filter((at) => now - at < WINDOW_MS);
    this.#bounded.push(now);
    return this.#bounded.length <= MAX_RECOVERIES;
  }
}
