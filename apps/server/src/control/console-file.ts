import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { STREAM_NAME, type StreamName } from '@freshet/protocol';
import * as v from 'valibot';
import { Sharing } from '../tracker/sharing.ts';

const FILE = 'console.json';
/** As many as the command line may name. */
export const MAX_STREAMS = 64;

const name = v.pipe(v.string(), v.regex(STREAM_NAME));

export const Money = v.strictObject({
  /** What a gigabyte (1e9 bytes) that leaves the server costs; null: unknown. */
  costPerGb: v.nullable(v.pipe(v.number(), v.minValue(0), v.maxValue(1000))),
  /** Three letters, as ISO 4217 writes them. */
  currency: v.pipe(v.string(), v.regex(/^[A-Z]{3}$/, 'Use three letters, such as EUR')),
});
export type Money = v.InferOutput<typeof Money>;

const Kept = v.object({
  version: v.literal(1),
  /** Those that were added in the console, in their order. */
  streams: v.pipe(
    v.array(v.object({ name, url: v.pipe(v.string(), v.maxLength(2048)), running: v.boolean() })),
    v.maxLength(MAX_STREAMS),
  ),
  /** Of all streams, also of those that the command line names. */
  sharing: v.record(name, Sharing),
  money: Money,
});
export type Kept = v.InferOutput<typeof Kept>;

/** Parsed at each use: what is read must not be shared. */
function nothing(): Kept {
  return { version: 1, streams: [], sharing: {}, money: { costPerGb: null, currency: 'EUR' } };
}

/**
 * What the console keeps over restarts: one JSON file, replaced as a whole. Without a folder it is kept in memory. A file
 * that cannot be read ends the start: going on without it would lose it at the next change.
 */
export class ConsoleFile {
  readonly #file: string | undefined;
  #kept: Kept;
  #writing: Promise<void> = Promise.resolve();

  /** @throws Error that says what to do */
  static async open(dataDir: string | undefined): Promise<ConsoleFile> {
    if (dataDir === undefined) return new ConsoleFile(undefined, nothing());
    const file = path.join(dataDir, FILE);
    await mkdir(dataDir, { recursive: true });
    return new ConsoleFile(file, await read(file));
  }

  private constructor(file: string | undefined, kept: Kept) {
    this.#file = file;
    this.#kept = kept;
  }

  get isKept(): boolean {
    return this.#file !== undefined;
  }

  get kept(): Kept {
    return this.#kept;
  }

  sharing(stream: StreamName): Sharing | undefined {
    return Object.hasOwn(this.#kept.sharing, stream) ? this.#kept.sharing[stream] : undefined;
  }

  /** Resolves when it is on the disk. @throws Error when it cannot be written; then the change holds until a restart */
  async change(change: Partial<Omit<Kept, 'version'>>): Promise<void> {
    this.#kept = { ...this.#kept, ...change };
    const file = this.#file;
    if (file === undefined) return;
    const write = async () => {
      const making = `${file}.${process.pid}`;
      // Addresses of sources may hold passwords.
      await writeFile(making, `${JSON.stringify(this.#kept, undefined, 2)}\n`, { mode: 0o600 });
      await rename(making, file);
    };
    const written = this.#writing.then(write);
    this.#writing = written.catch(() => undefined);
    await written;
  }
}

async function read(file: string): Promise<Kept> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return nothing();
    throw error;
  }
  try {
    return v.parse(Kept, JSON.parse(text));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${file} cannot be read (${reason}). Repair it, or move it away to start without it`, {
      cause: error,
    });
  }
}
