import { type InputStreams, StreamReader } from './read-streams.ts';

/**
 * `[http @ 0x55d2] [error] text`, as ffmpeg writes with `-loglevel level`. The prefix before the level may be missing.
 */
const LINE = /^(?:\[[^\]]* @ 0x[0-9a-f]+\] )?\[(\w+)\] (.*)$/;
const BAD = new Set(['panic', 'fatal', 'error', 'warning']);
/** The last lines give the reason; a broken source causes thousands of lines. */
const MAX_LINES = 4;
const MAX_CHARACTERS = 300;

/** Keeps the useful lines of ffmpeg's log. */
export class FfmpegLog {
  readonly #hidden: readonly (readonly [text: string, shown: string])[];
  readonly #reader = new StreamReader();
  #tail: string[] = [];

  /** @param hidden addresses with keys and passwords, and the text shown instead of each */
  constructor(hidden: readonly (readonly [text: string, shown: string])[]) {
    this.#hidden = hidden;
  }

  /** The source's streams; undefined until ffmpeg has listed them. */
  get streams(): InputStreams | undefined {
    return this.#reader.streams;
  }

  /** The last warnings and errors in one line; '' when there were none. */
  get tail(): string {
    return this.#tail.join('; ').slice(-MAX_CHARACTERS);
  }

  /** Call it when ffmpeg has ended. */
  end(): void {
    this.#reader.end();
  }

  add(line: string): void {
    const [, level = '', text = ''] = LINE.exec(line) ?? [];
    if (!BAD.has(level)) {
      this.#reader.add(text.trim());
      return;
    }
    const shown = this.#hidden.reduce((sum, [secret, instead]) => sum.replaceAll(secret, instead), text);
    if (this.#tail.at(-1) !== shown) this.#tail = [...this.#tail, shown].slice(-MAX_LINES);
  }
}
