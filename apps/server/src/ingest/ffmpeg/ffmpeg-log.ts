import { type InputStreams, StreamReader } from './read-streams.ts';

/** `[http @ 0x55d2] [error] text`, as ffmpeg writes with `-loglevel level`; the part before the level may be missing. */
const LINE = /^(?:\[[^\]]* @ 0x[0-9a-f]+\] )?\[(\w+)\] (.*)$/;
const BAD = new Set(['panic', 'fatal', 'error', 'warning']);
/** The last lines say why; a broken source writes thousands. */
const MAX_LINES = 4;
const MAX_CHARACTERS = 300;

/** What ffmpeg wrote, as far as it is of use. */
export class FfmpegLog {
  readonly #hidden: readonly (readonly [text: string, shown: string])[];
  readonly #reader = new StreamReader();
  #tail: string[] = [];

  /** @param hidden addresses with keys and passwords, and what is shown for each */
  constructor(hidden: readonly (readonly [text: string, shown: string])[]) {
    this.#hidden = hidden;
  }

  /** What the source consists of; undefined until ffmpeg has said. */
  get streams(): InputStreams | undefined {
    return this.#reader.streams;
  }

  /** Its last complaints in one line; '' when it had none. */
  get tail(): string {
    return this.#tail.join('; ').slice(-MAX_CHARACTERS);
  }

  /** ffmpeg has ended. */
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
