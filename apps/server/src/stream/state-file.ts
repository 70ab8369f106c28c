import { readFile } from 'node:fs/promises';
import { MAX_MSN, STREAM_NAME, type StreamName } from '@freshet/protocol';
import type { Logger } from 'pino';
import * as v from 'valibot';
import { replaceFile } from '../util/replace-file.ts';
import { namedValues } from '../util/named-values.ts';
import type { Numbering } from './numbering.ts';

/** Changes within this time are written together. `StreamTimeline` allows for those that a crash loses. */
const WRITE_MS = 5000;

const whole = (least: number) => v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(MAX_MSN));
const State = namedValues(
  v.pipe(v.string(), v.regex(STREAM_NAME)),
  v.object({
    msnOffset: whole(-MAX_MSN),
    timelineOffset: whole(-MAX_MSN),
    highest: v.object({ msn: whole(-1), timeline: whole(0) }),
  }),
);

/**
 * Keeps the numbering of the streams across restarts of the server. The file is replaced as a whole, so that it is
 * never half written. If it cannot be read or written, that is logged and the server continues without it.
 */
export class StateFile {
  readonly #path: string;
  readonly #log: Logger;
  readonly #state: Map<StreamName, Numbering>;
  /** Writes run one after another, because several streams stop at once. */
  #writing: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  static async open(path: string, log: Logger): Promise<StateFile> {
    const state = await read(path, log);
    return new StateFile(path, log, state);
  }

  private constructor(path: string, log: Logger, state: Map<StreamName, Numbering>) {
    this.#path = path;
    this.#log = log;
    this.#state = state;
  }

  get(stream: StreamName): Numbering | undefined {
    return this.#state.get(stream);
  }

  set(stream: StreamName, numbering: Numbering): void {
    this.#state.set(stream, numbering);
    // The process does not wait for it: a few lost numbers do no harm.
    this.#timer ??= setTimeout(() => void this.flush(), WRITE_MS).unref();
  }

  /** Writes pending changes now. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing = this.#writing.then(() => this.#write());
    await this.#writing;
  }

  async #write(): Promise<void> {
    try {
      await replaceFile(this.#path, `${JSON.stringify(Object.fromEntries(this.#state), undefined, 2)}\n`);
    } catch (error) {
      this.#log.warn({ err: error, file: this.#path }, 'cannot write the state file');
    }
  }
}

async function read(path: string, log: Logger): Promise<Map<StreamName, Numbering>> {
  try {
    return new Map(v.parse(State, JSON.parse(await readFile(path, 'utf8'))));
  } catch (error) {
    const isNew = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (!isNew) log.warn({ err: error, file: path }, 'cannot read the state file; numbering starts over');
    return new Map();
  }
}
