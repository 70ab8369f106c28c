import type { Millis } from '@freshet/protocol';
import type { Logger } from 'pino';

/** Lines of each message in one window. */
const LINES = 10;
const WINDOW_MS: Millis = 60_000;

interface Window {
  lines: number;
  /** Lines that were left out. */
  more: number;
}

/**
 * Logs what strangers can cause: at most ten lines of each message in a minute, and after it a line with the number of
 * further ones.
 */
export class LimitedLog {
  readonly #log: Logger;
  readonly #windows = new Map<string, Window>();

  constructor(log: Logger) {
    this.#log = log;
  }

  /** @param message one of few, never with remote text: that belongs into `fields` */
  write(level: 'debug' | 'info' | 'warn' | 'error', fields: object, message: string): void {
    const window = this.#windows.get(message) ?? this.#open(level, message);
    if (window.lines < LINES) {
      window.lines++;
      this.#log[level](fields, message);
    } else window.more++;
  }

  #open(level: 'debug' | 'info' | 'warn' | 'error', message: string): Window {
    const window: Window = { lines: 0, more: 0 };
    this.#windows.set(message, window);
    setTimeout(() => {
      this.#windows.delete(message);
      if (window.more > 0)
        this.#log[level]({ more: window.more }, `${message}: ${window.more} more like this`);
    }, WINDOW_MS).unref();
    return window;
  }
}
