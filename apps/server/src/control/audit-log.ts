import { appendFile, mkdir, readFile, rename, stat } from 'node:fs/promises';
import path from 'node:path';
import { AUDIT_PAGE, type Audit, AuditEntry } from '@freshet/api';
import type { Millis } from '@freshet/protocol';
import type { Logger } from 'pino';
import * as v from 'valibot';

const FILE = 'audit.jsonl';
/** At this size the file becomes `audit.1.jsonl`, and the older ones move on. */
const MAX_FILE_BYTES = 1024 * 1024;
/** Older files kept. */
const MAX_OLDER = 4;
/** Entries in memory, which are those that the API shows. */
const MAX_ENTRIES = 1000;
/** After a refused sign-in, further ones are counted for this long and make one entry: a guesser must not fill the log. */
const REFUSED_MS: Millis = 600_000;

export interface AuditLogOptions {
  /** Undefined: the log is in memory only. */
  readonly dataDir: string | undefined;
  /** Milliseconds since 1970. */
  readonly wallClock: () => Millis;
  readonly log: Logger;
}

/** Who changed what, and who signed in: JSON lines that are only ever appended. */
export class AuditLog {
  readonly #options: AuditLogOptions;
  readonly #entries: AuditEntry[];
  #nextId: number;
  #writing: Promise<void> = Promise.resolve();
  #refused: { readonly until: Millis; more: number } | undefined;

  static async open(options: AuditLogOptions): Promise<AuditLog> {
    const { dataDir } = options;
    if (dataDir === undefined) return new AuditLog(options, []);
    await mkdir(dataDir, { recursive: true });
    const texts = await Promise.all(
      [1, 0].map((age) => readFile(fileOf(dataDir, age), 'utf8').catch(() => '')),
    );
    const entries = texts.flatMap((text) => text.split('\n').flatMap(parsed));
    const audit = new AuditLog(options, entries.slice(-MAX_ENTRIES));
    // Else the next entry would be a part of a line that was cut off.
    if (!/(?:^|\n)$/.test(texts[1] ?? '')) await audit.#write('\n');
    return audit;
  }

  private constructor(options: AuditLogOptions, entries: AuditEntry[]) {
    this.#options = options;
    this.#entries = entries;
    this.#nextId = Math.max(0, ...entries.map(({ id }) => id)) + 1;
  }

  /** Resolves when everything so far is written. */
  get written(): Promise<void> {
    return this.#writing;
  }

  add(entry: Omit<AuditEntry, 'id' | 'at'>): void {
    const whole: AuditEntry = { id: this.#nextId++, at: this.#options.wallClock(), ...entry };
    this.#entries.push(whole);
    if (this.#entries.length > MAX_ENTRIES) this.#entries.shift();
    this.#writing = this.#writing.then(() => this.#write(`${JSON.stringify(whole)}\n`));
  }

  /** Adds a refused sign-in, or counts it if there was one in the last ten minutes. */
  addRefused(network: string): void {
    const now = this.#options.wallClock();
    if (this.#refused !== undefined && now < this.#refused.until) {
      this.#refused.more++;
      return;
    }
    const more = this.#refused?.more ?? 0;
    this.#refused = { until: now + REFUSED_MS, more: 0 };
    this.add({ network, action: 'sign-in-refused', ...(more > 0 && { after: { moreBefore: more } }) });
  }

  /** @param before only entries with a lower id. Default: the newest */
  page(before = Infinity): Audit {
    const older = this.#entries.filter(({ id }) => id < before);
    return { entries: older.slice(-AUDIT_PAGE).reverse(), more: older.length > AUDIT_PAGE };
  }

  async #write(line: string): Promise<void> {
    const { dataDir, log } = this.#options;
    if (dataDir === undefined) return;
    const file = fileOf(dataDir, 0);
    try {
      const size = await stat(file).then(
        (found) => found.size,
        () => 0,
      );
      if (size + line.length > MAX_FILE_BYTES)
        for (let age = MAX_OLDER - 1; age >= 0; age--)
          await rename(fileOf(dataDir, age), fileOf(dataDir, age + 1)).catch(() => undefined);
      await appendFile(file, line, { mode: 0o600 });
    } catch (error) {
      log.error({ err: error, file }, 'cannot write the audit log');
    }
  }
}

function fileOf(dataDir: string, age: number): string {
  return path.join(dataDir, age === 0 ? FILE : FILE.replace('.', `.${age}.`));
}

/** A line that is cut off, by a crash or by hand, is left out. */
function parsed(line: string): readonly AuditEntry[] {
  try {
    return [v.parse(AuditEntry, JSON.parse(line))];
  } catch {
    return [];
  }
}
