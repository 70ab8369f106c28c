import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** In the data folder. It holds the token's hash, which is of no use for signing in. */
const FILE = 'admin-token.sha256';

/** The secret that opens the console, kept as a hash. */
export class AdminToken {
  readonly #hash: Buffer;

  /**
   * @param given the token of the settings; it takes precedence over a generated one
   * @param dataDir the folder for the hash of a generated token; without it each start generates a new token
   * @returns `made`: the token, if it was generated now. Show it once: it cannot be read again
   * @throws Error if the folder cannot be used
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

  /** Takes the same time for every candidate. */
  matches(candidate: string): boolean {
    return timingSafeEqual(hashOf(candidate), this.#hash);
  }
}

/** @returns undefined if there is no file. A corrupt file is an error: a new token would silently lock the operator out */
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
