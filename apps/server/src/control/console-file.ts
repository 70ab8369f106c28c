import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { API_LIMITS, Money, type Sharing, SharingInput } from '@freshet/api';
import { STREAM_NAME, type StreamName } from '@freshet/protocol';
import * as v from 'valibot';
import { namedValues } from '../util/named-values.ts';
import { MAX_STREAMS } from '../config/values.ts';
import { ControlError } from '../http/control-error.ts';
import { replaceFile } from '../util/replace-file.ts';

const FILE = 'console.json';

const name = v.pipe(v.string(), v.regex(STREAM_NAME));

const Kept = v.object({
  version: v.literal(1),
  /** The streams that were added in the console, in their order. */
  streams: v.pipe(
    v.array(
      v.object({ name, url: v.pipe(v.string(), v.maxLength(API_LIMITS.urlLength)), running: v.boolean() }),
    ),
    v.maxLength(MAX_STREAMS),
  ),
  /** Of all streams, also of those that the command line names. Older files lack some fields. */
  sharing: v.pipe(
    namedValues(name, SharingInput),
    v.transform((entries): Readonly<Record<string, Sharing>> => Object.fromEntries(entries)),
  ),
  money: Money,
  /** Tokens of private streams that are void although they have not expired. */
  revoked: v.optional(
    v.array(
      v.object({
        stream: name,
        at: v.number(),
        sub: v.optional(v.string()),
        jti: v.optional(v.string()),
      }),
    ),
  ),
});
export type Kept = v.InferOutput<typeof Kept>;

/** Made anew at each use, so that no two files share an object. */
function nothing(): Kept {
  return { version: 1, streams: [], sharing: {}, money: { costPerGb: null, currency: 'EUR' } };
}

/**
 * The console's data across restarts: one JSON file, replaced as a whole. Without a folder the data stays in memory.
 * The server does not start with an unreadable file, since the next change would overwrite it.
 */
export class ConsoleFile {
  readonly #file: string | undefined;
  #kept: Kept;
  #writing: Promise<void> = Promise.resolve();

  /** @throws Error whose message says what to do */
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

  /**
   * Resolves when the file is written. If that fails, the change holds until a restart, and the next change is written
   * with it. @throws ControlError 507
   */
  async change(change: Partial<Omit<Kept, 'version'>>): Promise<void> {
    this.#kept = { ...this.#kept, ...change };
    const file = this.#file;
    if (file === undefined) return;
    // Only the server's user may read it: addresses of sources may contain passwords.
    const write = () => replaceFile(file, `${JSON.stringify(this.#kept, undefined, 2)}\n`, 0o600);
    const written = this.#writing.then(write);
    this.#writing = written.catch(() => undefined);
    try {
      await written;
    } catch (error) {
      throw unsaved(error);
    }
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

function unsaved(error: unknown): ControlError {
  const cause = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
  return new ControlError(
    507,
    `The change applies now, but a restart loses it: the server cannot write to --data-dir (${cause}). Free space there and save again.`,
  );
}
