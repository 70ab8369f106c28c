import type { Millis } from '@freshet/protocol';
import type { Fetched, Fetcher, FetchLimits } from '../source/fetcher.ts';
import type { SourceRange } from '../source/media-list.ts';
import { isMultivariant } from '../source/read-multivariant.ts';
import { SourceFault } from '../source/source-fault.ts';
import { uploadKind } from './upload-name.ts';

interface Upload {
  readonly data: Buffer;
  /** Grows with every upload, whatever its name. */
  readonly version: number;
  /** Milliseconds since 1970. */
  readonly at: Millis;
  /** Of a playlist: the files that it names. */
  readonly names: ReadonlySet<string>;
  readonly multivariant: boolean;
}

export interface UploadStoreOptions {
  /** Milliseconds since 1970, by a clock that never jumps. */
  readonly wallClock: () => Millis;
  /** Told of every upload. */
  readonly onUpload?: (bytes: number, name: string) => void;
  /** The name of the stream's playlist, where it is known beforehand. */
  readonly entry?: string;
  /** See `SETTLE_MS`. */
  readonly settleMs?: Millis;
  /** See `MAX_BYTES`. */
  readonly maxBytes?: number;
}

/** Nothing is ever asked over the network here: a playlist that names another host names nothing. */
const HOST = 'http://upload.invalid/';
/**
 * The stream's playlist, whatever its encoder calls it: the multivariant one if there is any, else the media playlist
 * that was uploaded last.
 */
export const UPLOAD_ENTRY = HOST;
/** An encoder writes the multivariant playlist behind the first media playlist: wait for it that long. */
const SETTLE_MS = 1000;
/** Of the files of one stream. Each leaves when its playlist lists it no more; at this bound the oldest do before. */
const MAX_BYTES = 128 * 1024 * 1024;
/** Of any kind, and of playlists. */
const MAX_FILES = 512;
const MAX_PLAYLISTS = 32;

/** What an encoder uploaded of one stream, kept in memory until it has left its playlist: read as a media server would be. */
export class UploadStore implements Fetcher {
  readonly #options: UploadStoreOptions;
  /** Oldest first. */
  readonly #files = new Map<string, Upload>();
  /** What `get` gave last. */
  readonly #given = new Map<string, number>();
  readonly #waiting = new Set<() => void>();
  #version = 0;
  #bytes = 0;
  #firstAt: Millis | undefined;
  #closed = false;

  constructor(options: UploadStoreOptions) {
    this.#options = options;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get files(): number {
    return this.#files.size;
  }

  /** What was uploaded under a name and is still kept. */
  peek(name: string): Buffer | undefined {
    return this.#files.get(name)?.data;
  }

  /** @param name for which `uploadKind` has a kind */
  put(name: string, data: Buffer): void {
    if (this.#closed) return;
    const { wallClock, onUpload, settleMs = SETTLE_MS } = this.#options;
    const before = this.#files.get(name);
    const kind = uploadKind(name);
    const text = kind === 'playlist' ? data.toString('utf8') : undefined;
    const names = text === undefined ? NOTHING : filesNamed(text, name);
    this.#remove(name);
    const at = wallClock();
    this.#files.set(name, { data, version: ++this.#version, at, names, multivariant: isEntry(text) });
    this.#bytes += data.length;
    for (const old of before?.names ?? [])
      if (!names.has(old) && uploadKind(old) === 'media') this.#remove(old);
    this.#keepBounds(kind === 'playlist');
    if (text !== undefined && this.#firstAt === undefined) {
      this.#firstAt = at;
      // Whoever waits for the entry looks again when it is taken for settled.
      setTimeout(() => {
        this.#wake();
      }, settleMs).unref();
    }
    onUpload?.(data.length, name);
    this.#wake();
  }

  delete(name: string): void {
    this.#remove(name);
  }

  async get(url: string, limits: FetchLimits, signal: AbortSignal, range?: SourceRange): Promise<Fetched> {
    const found = () => this.#find(url);
    if (nameOf(url) === undefined)
      throw new SourceFault('address', 'the playlist leads away from what was uploaded');
    if (found() === undefined) await this.#until(() => found() !== undefined, limits.headersMs, signal);
    const file = found();
    this.#given.set(url, file?.upload.version ?? 0);
    if (file === undefined) throw new SourceFault('status', 'nothing was uploaded', 404);
    const { data, at } = file.upload;
    if (data.length > limits.maxBytes) throw new SourceFault('too-large', `${data.length} bytes`);
    const end = range && range.start + range.length;
    if (end !== undefined && end > data.length)
      throw new SourceFault('range', 'the file is shorter than that');
    const part = range === undefined ? data : data.subarray(range.start, end);
    return { data: part, url: `${HOST}${file.name}`, modifiedAt: at };
  }

  async untilChanged(url: string, timeoutMs: Millis, signal: AbortSignal): Promise<void> {
    const given = this.#given.get(url) ?? 0;
    await this.#until(() => (this.#find(url)?.upload.version ?? 0) !== given, timeoutMs, signal);
  }

  close(): Promise<void> {
    this.#closed = true;
    this.#files.clear();
    this.#bytes = 0;
    this.#wake();
    return Promise.resolve();
  }

  #find(url: string): { readonly name: string; readonly upload: Upload } | undefined {
    const name = url === UPLOAD_ENTRY ? this.#entryName() : nameOf(url);
    const upload = name === undefined ? undefined : this.#files.get(name);
    return name === undefined || upload === undefined ? undefined : { name, upload };
  }

  #entryName(): string | undefined {
    if (this.#options.entry !== undefined) return this.#options.entry;
    // Files stand in the order of their uploads: the last one is the newest.
    const playlists = [...this.#files.keys()].filter((name) => uploadKind(name) === 'playlist');
    const multivariant = playlists.findLast((name) => this.#files.get(name)?.multivariant);
    if (multivariant !== undefined) return multivariant;
    const entry = playlists.at(-1);
    const { wallClock, settleMs = SETTLE_MS } = this.#options;
    return wallClock() - (this.#firstAt ?? Infinity) >= settleMs ? entry : undefined;
  }

  #remove(name: string): void {
    this.#bytes -= this.#files.get(name)?.data.length ?? 0;
    this.#files.delete(name);
  }

  /** @param playlist whether one was added */
  #keepBounds(playlist: boolean): void {
    const { maxBytes = MAX_BYTES } = this.#options;
    if (playlist) {
      const playlists = [...this.#files.keys()].filter((name) => uploadKind(name) === 'playlist');
      for (const name of playlists.slice(0, -MAX_PLAYLISTS)) this.#remove(name);
    }
    for (const name of this.#files.keys()) {
      if (this.#bytes <= maxBytes && this.#files.size <= MAX_FILES) return;
      if (uploadKind(name) === 'media') this.#remove(name);
    }
  }

  #until(holds: () => boolean, timeoutMs: Millis, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (holds() || this.#closed) end();
      };
      const end = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        this.#waiting.delete(look);
        resolve();
      };
      const timer = setTimeout(end, timeoutMs);
      this.#waiting.add(look);
      signal.addEventListener('abort', end);
      if (signal.aborted) end();
      else look();
    });
  }

  #wake(): void {
    for (const look of [...this.#waiting]) look();
  }
}

const NOTHING: ReadonlySet<string> = new Set();

function isEntry(text: string | undefined): boolean {
  return text !== undefined && isMultivariant(text.split(/\r?\n/));
}

/** @param base the playlist's own name */
function filesNamed(text: string, base: string): ReadonlySet<string> {
  const names = new Set<string>();
  const add = (uri: string) => {
    const url = URL.canParse(uri, HOST + base) ? new URL(uri, HOST + base).href : '';
    const name = nameOf(url);
    if (name !== undefined) names.add(name);
  };
  for (const line of text.split(/\r?\n/)) {
    const uri =
      /^#EXT-X-(?:MAP|PART):.*URI="([^"]*)"/.exec(line)?.[1] ?? (line.startsWith('#') ? '' : line.trim());
    if (uri !== '') add(uri);
  }
  return names;
}

/** @returns undefined for what lies elsewhere; '' for the entry */
function nameOf(url: string): string | undefined {
  if (!url.startsWith(HOST)) return undefined;
  return new URL(url).pathname.slice(1);
}
