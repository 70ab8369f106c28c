import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** Of the data folder. It holds the token's hash: who reads it cannot sign in. */
const FILE = 'admin-token.sha256';

/** The one secret that opens the console. Kept as a hash. */
export class AdminToken {
  readonly #hash: Buffer;

  /**
   * @param given from the settings; it wins over one that was made
   * @param dataDir where the hash of one that was made is kept; without it each start makes a new one
   * @returns `made`: to be shown once, since nobody can read it again
   * @throws Error when the folder cannot be used
   */
  static async open(
    given: string | undefined,
    dataDir: string | undefined,
  ): Promise<{ readonly token: AdminToken; readonly made?: string }> {
    if (given !== undefined) return { token: new AdminToken(hashOf(given)) };
    const file = dataDir === undefined ? undefined : path.join(dataDir, FILE);
    const kept = file === undefined ? undefined : await readHash(file);
    if (kept !== undefined) return { token: new AdminToken(kept) };
    const made = randomBytes(24).toString('base64url');
    if (file !== undefined) {
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, `${hashOf(made).toString('hex')}\n`, { mode: 0o600 });
      await chmod(file, 0o600);
    }
    return { token: new AdminToken(hashOf(made)), made };
  }

  private constructor(hash: Buffer) {
    this.#hash = hash;
  }

  /** Takes as long whatever was guessed. */
  matches(candidate: string): boolean {
    return timingSafeEqual(hashOf(candidate), this.#hash);
  }
}

/** @returns undefined when there is none yet. A broken file is an error: a new token would lock the operator out silently. */
async function readHash(file: string): Promise<Buffer | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  if (!/^[0-9a-f]{64}$/.test(text.trim()))
    throw new Error(`${file} is not a token hash. Remove it; the next start makes and prints a new token`);
  return Buffer.from(text.trim(), 'hex');
}

function hashOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
