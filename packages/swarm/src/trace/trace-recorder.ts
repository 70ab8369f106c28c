import type { Millis } from '@freshet/protocol';

/** First line of a trace. */
export interface TraceHeader {
  readonly format: 'freshet-trace';
  readonly version: 1;
  /** Which core it is of. */
  readonly core: 'peer' | 'tracker';
  /** What the core was made with. */
  readonly options: object;
  /** When it was made, on the clock of its host. */
  readonly startedAt: Millis;
  /** Steps that are missing at the beginning. With any, the trace can be read, but not replayed. */
  readonly dropped: number;
}

/** Characters kept, of one byte each: about three minutes of a viewer. Beyond it the oldest steps are dropped. */
export const MAX_TRACE_CHARS = 4 * 2 ** 20;
/** Dropped lines stay in the array until there are this many: moving the others costs time. */
const COMPACT_AFTER = 4096;

/**
 * Records what a core is told and what it decides, so that `npm run replay` can step a core through the same again. Steps
 * are kept as text: the core goes on changing the objects that it was given.
 */
export class TraceRecorder {
  readonly #header: Omit<TraceHeader, 'dropped'>;
  readonly #maxChars: number;
  readonly #lines: string[] = [];
  #first = 0;
  #chars = 0;
  #dropped = 0;

  constructor(core: TraceHeader['core'], options: object, startedAt: Millis, maxChars = MAX_TRACE_CHARS) {
    this.#header = { format: 'freshet-trace', version: 1, core, options, startedAt };
    this.#maxChars = maxChars;
  }

  /** One call of `handle`: the event, the time, and the commands that it returned. */
  step(event: object, now: Millis, commands: readonly object[]): void {
    const line = JSON.stringify([now, event, commands]);
    this.#lines.push(line);
    this.#chars += line.length;
    while (this.#chars > this.#maxChars) {
      this.#chars -= this.#lines[this.#first++]?.length ?? 0;
      this.#dropped++;
    }
    if (this.#first > COMPACT_AFTER) {
      this.#lines.splice(0, this.#first);
      this.#first = 0;
    }
  }

  /** JSON lines: a `TraceHeader`, then `[time, event, commands]` for each step. */
  text(): string {
    const header = { ...this.#header, dropped: this.#dropped };
    return [JSON.stringify(header), ...this.#lines.slice(this.#first), ''].join('\n');
  }
}
