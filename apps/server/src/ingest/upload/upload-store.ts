import type { Millis } from '@freshet/protocol';
import type { Fetched, Fetcher, FetchLimits } from '../../source/fetch/fetcher.ts';
import { isMultivariant } from '../../source/playlist/read-multivariant.ts';
import type { SourceRange } from '../../source/playlist/source-location.ts';
import { SourceFault } from '../../stream/source-fault.ts';
import { fileNames, UPLOAD_HOST, uploadedName } from './file-names.ts';
import { type Arrival, GrowingUpload } from './growing-upload.ts';
import { uploadKind } from './upload-name.ts';
import { UploadParts } from './upload-parts.ts';

interface Upload {
  readonly data: Buffer;
  /** Grows with every upload under any name. */
  readonly version: number;
  /** Milliseconds since 1970. */
  readonly at: Millis;
  /** The files that a playlist names; empty for media. */
  readonly names: ReadonlySet<string>;
  readonly multivariant: boolean;
  /** The file that most likely follows, for a media playlist. */
  readonly next: string | undefined;
  /** How the file arrived, if that was recorded. */
  readonly arrival: Arrival | undefined;
}

export interface UploadStoreOptions {
  /** Milliseconds since 1970, by a clock that never jumps. */
  readonly wallClock: () => Millis;
  /** Called for every upload. */
  readonly onUpload?: (bytes: number, name: string) => void;
  /** The name of the stream's playlist, if it is known in advance. */
  readonly entry?: string;
  /** See `SETTLE_MS`. */
  readonly settleMs?: Millis;
  /** See `MAX_BYTES`. */
  readonly maxBytes?: number;
  /** List parts of segments that are uploaded while they are made. Default false. */
  readonly parts?: boolean;
}

/** Receives a file while it is uploaded. */
export interface BegunUpload {
  push(chunk: Buffer): void;
  /** @param data the whole file */
  finish(data: Buffer): void;
  /** The upload has ended. Unless it was finished, only a beginning of the file exists. */
  breakOff(): void;
}

/**
 * The stream's playlist, under whichever name the encoder uses: the multivariant one if there is any, otherwise the
 * media playlist that was uploaded last.
 */
export const UPLOAD_ENTRY = UPLOAD_HOST;
/** How long to wait for the multivariant playlist, which encoders write after the first media playlist. */
const SETTLE_MS = 1000;
/**
 * Limit for the files of one stream. Each is removed when its playlist no longer lists it; above the limit the oldest
 * go first.
 */
const MAX_BYTES = 128 * 1024 * 1024;
/** Limits for all files and for playlists. */
const MAX_FILES = 512;
const MAX_PLAYLISTS = 32;

/**
 * Holds one stream's uploads in memory until they have left their playlist, and serves them as a media server would.
 */
export class UploadStore implements Fetcher {
  readonly #options: UploadStoreOptions;
  /** Oldest first. */
  readonly #files = new Map<string, Upload>();
  /** The version that `get` returned last, by address. */
  readonly #given = new Map<string, number>();
  readonly #waiting = new Set<() => void>();
  /** Files being uploaded, and those that broke off. */
  readonly #growing = new Map<string, GrowingUpload>();
  readonly #parts: UploadParts | undefined;
  #version = 0;
  #bytes = 0;
  #firstAt: Millis | undefined;
  #closed = false;

  constructor(options: UploadStoreOptions) {
    this.#options = options;
    const data = (name: string) => this.#files.get(name)?.data;
    const arrival = (name: string) => this.#growing.get(name) ?? this.#files.get(name)?.arrival;
    if (options.parts === true) this.#parts = new UploadParts({ data, arrival });
  }

  get bytes(): number {
    return this.#bytes;
  }

  get files(): number {
    return this.#files.size;
  }

  /** The file of this name, if it is still kept. */
  peek(name: string): Buffer | undefined {
    return this.#files.get(name)?.data;
  }

  /** Starts the upload of a file. @returns undefined when the file is needed only once it is complete */
  begin(name: string): BegunUpload | undefined {
    const files = [...this.#files.values()];
    for (const [old, { state }] of this.#growing)
      if (state !== 'growing' && !files.some(({ next }) => next === old)) this.#growing.delete(old);
    // Parts of an earlier attempt may be on their way to viewers, and this one may differ: take it whole.
    if (this.#parts === undefined || this.#closed || this.#growing.has(name)) return undefined;
    const growing = new GrowingUpload();
    this.#growing.set(name, growing);
    return {
      push: (chunk) => {
        if (growing.push(chunk, this.#options.wallClock())) this.#tell(name, growing);
      },
      finish: (data) => {
        const isBroken = growing.state !== 'growing';
        if (!isBroken) {
          growing.end('complete');
          this.#growing.delete(name);
        }
        this.#put(name, data, isBroken ? undefined : growing);
      },
      breakOff: () => {
        if (growing.state !== 'growing') return;
        growing.end('broken-off');
        this.#tell(name, growing);
      },
    };
  }

  /** @param name one that `uploadKind` accepts */
  put(name: string, data: Buffer): void {
    // Another copy is being uploaded at the same time, so it is unknown whose bytes are listed.
    this.#growing.get(name)?.end('broken-off');
    this.#put(name, data, undefined);
  }

  #put(name: string, data: Buffer, arrival: Arrival | undefined): void {
    if (this.#closed) return;
    const { wallClock, onUpload, settleMs = SETTLE_MS } = this.#options;
    const before = this.#files.get(name);
    const kind = uploadKind(name);
    const text = kind === 'playlist' ? data.toString('utf8') : undefined;
    const names = text === undefined ? NOTHING : filesNamed(text, name);
    const next = text === undefined ? undefined : fileNames(text.split(/\r?\n/), name).next?.name;
    this.#remove(name);
    const at = wallClock();
    const version = ++this.#version;
    this.#files.set(name, { data, version, at, names, multivariant: isEntry(text), next, arrival });
    this.#bytes += data.length;
    for (const old of before?.names ?? [])
      if (!names.has(old) && uploadKind(old) === 'media') this.#remove(old);
    this.#keepBounds(kind === 'playlist');
    if (text !== undefined && this.#firstAt === undefined) {
      this.#firstAt = at;
      // Requests that wait for the entry check again once it counts as settled.
      setTimeout(() => {
        this.#wake();
      }, settleMs).unref();
    }
    if (arrival !== undefined) this.#tell(name, arrival);
    onUpload?.(data.length, name);
    this.#wake();
  }

  delete(name: string): void {
    this.#remove(name);
  }

  async get(url: string, limits: FetchLimits, signal: AbortSignal, range?: SourceRange): Promise<Fetched> {
    const found = () => this.#find(url);
    if (uploadedName(url) === undefined)
      throw new SourceFault('address', 'the playlist leads away from what was uploaded');
    const begun = range && this.#growing.get(uploadedName(url) ?? '')?.read(range);
    if (begun !== undefined) return { data: begun, url, modifiedAt: undefined };
    if (found() === undefined) await this.#until(() => found() !== undefined, limits.headersMs, signal);
    const file = found();
    this.#given.set(url, file?.upload.version ?? 0);
    if (file === undefined) throw new SourceFault('status', 'nothing was uploaded', 404);
    const { at } = file.upload;
    const data = this.#asListed(file.name, file.upload.data);
    if (data.length > limits.maxBytes) throw new SourceFault('too-large', `${data.length} bytes`);
    const end = range && range.start + range.length;
    if (end !== undefined && end > data.length)
      throw new SourceFault('range', 'the file is shorter than that');
    const part = range === undefined ? data : data.subarray(range.start, end);
    return { data: part, url: `${UPLOAD_HOST}${file.name}`, modifiedAt: at };
  }

  async untilChanged(url: string, timeoutMs: Millis, signal: AbortSignal): Promise<void> {
    const given = this.#given.get(url) ?? 0;
    await this.#until(() => (this.#find(url)?.upload.version ?? 0) !== given, timeoutMs, signal);
  }

  close(): Promise<void> {
    this.#closed = true;
    this.#files.clear();
    this.#growing.clear();
    this.#bytes = 0;
    this.#wake();
    return Promise.resolve();
  }

  #asListed(name: string, data: Buffer): Buffer {
    if (this.#parts === undefined || uploadKind(name) !== 'playlist') return data;
    return Buffer.from(this.#parts.list(name, data.toString('utf8')));
  }

  /** Marks a playlist as changed if this is its next segment and adds parts to it. */
  #tell(name: string, arrival: Arrival): void {
    for (const [list, file] of this.#files)
      if (file.next === name && this.#parts?.isDue(list, arrival) === true)
        this.#files.set(list, { ...file, version: ++this.#version });
    this.#wake();
  }

  #find(url: string): { readonly name: string; readonly upload: Upload } | undefined {
    const name = url === UPLOAD_ENTRY ? this.#entryName() : uploadedName(url);
    const upload = name === undefined ? undefined : this.#files.get(name);
    return name === undefined || upload === undefined ? undefined : { name, upload };
  }

  #entryName(): string | undefined {
    if (this.#options.entry !== undefined) return this.#options.entry;
    // Files are in the order of their uploads: the last one is the newest.
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

  /** @param playlist whether a playlist was added */
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
    const name = uploadedName(uri, base);
    if (name !== undefined) names.add(name);
  };
  for (const line of text.split(/\r?\n/)) {
    const uri =
      /^#EXT-X-(?:MAP|PART):.*URI="([^"]*)"/.exec(line)?.[1] ?? (line.startsWith('#') ? '' : line.trim());
    if (uri !== '') add(uri);
  }
  return names;
}
