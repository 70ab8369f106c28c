import type { Report } from '@freshet/protocol';
import type { Timer } from '../util/clock.ts';

/** The tracker accepts no more reports than this from one viewer. */
const INTERVAL_MS = 1000;

/** Reports changes to the tracker, at most once a second. The first change is reported at once. */
export class Reporter {
  readonly #describe: () => Report;
  readonly #send: (report: Report) => void;
  #last = '';
  #timer: Timer | undefined;
  #dirty = false;

  constructor(describe: () => Report, send: (report: Report) => void) {
    this.#describe = describe;
    this.#send = send;
  }

  /** Something in the report may have changed. */
  changed(): void {
    this.#dirty = true;
    if (this.#timer === undefined) this.#flush();
  }

  /** After a new join the tracker knows only what the join said. */
  reset(): void {
    this.#last = '';
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#dirty = false;
  }

  #flush(): void {
    this.#timer = undefined;
    if (!this.#dirty) return;
    this.#dirty = false;
    const report = this.#describe();
    const text = JSON.stringify(report);
    if (text === this.#last) return;
    this.#last = text;
    this.#send(report);
    this.#timer = setTimeout(() => {
      this.#flush();
    }, INTERVAL_MS);
  }
}
