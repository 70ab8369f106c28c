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
 * Media errors that are recovered from within a minute. Retrying does not cure a stream that breaks the decoder more
 * often.
 */
const MAX_MEDIA_ERRORS = 3;
const MEDIA_ERROR_WINDOW_MS = 60_000;

/**
 * Recovers hls.js from errors that it calls fatal: a server that does not answer is retried for ever, with back-off; a
 * media error is recovered from a bounded number of times.
 */
export class ErrorRecovery {
  readonly #hls: Hls;
  readonly #warn: (warning: FreshetWarning) => void;
  readonly #clock: Clock;
  #attempts = 0;
  #timer: Timer | undefined;
  #mediaErrors: number[] = [];

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
    if (!error.fatal) return;
    const type: string = error.type;
    const message = `${error.details}: ${error.error.message}`;
    if (type === 'networkError') this.#reloadLater(message);
    else if (type === 'mediaError' && this.#mayRecoverMedia()) {
      this.#warn({ code: 'recovering', message });
      this.#hls.recoverMediaError();
    } else this.#warn({ code: 'playback-failed', message });
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #reloadLater(message: string): void {
    this.#warn({ code: 'recovering', message });
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

  #mayRecoverMedia(): boolean {
    const now = this.#clock();
    this.#mediaErrors = this.#mediaErrors.filter((at) => now - at < MEDIA_ERROR_WINDOW_MS);
    this.#mediaErrors.push(now);
    return this.#mediaErrors.length <= MAX_MEDIA_ERRORS;
  }
}
