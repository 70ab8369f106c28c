import { LIMITS, type Millis, type RenditionId } from '@freshet/protocol';
import type { PlaylistEntry } from './playlist-entry.ts';
import { storeSegment, type StoredSegment } from './stored-segment.ts';

/** A partial segment of low-latency HLS. Its bytes become a slice of its segment's once that is complete. */
export interface Part extends StoredSegment {
  /** Whether decoding can begin with this part. */
  readonly independent: boolean;
}

/** The place of a part in a rendition. */
export interface PartPlace {
  readonly epoch: number;
  readonly msn: number;
  /** Index within the segment, from 0. */
  readonly part: number;
}

export interface PartInput {
  readonly durationMs: Millis;
  readonly independent: boolean;
  /** At least one byte. Kept, not copied. */
  readonly data: Buffer;
}

/** The segment in progress: its future playlist entry, as far as it is known. */
export type OpenEntry = Pick<
  PlaylistEntry,
  'msn' | 'epoch' | 'timeline' | 'lines' | 'keys' | 'init' | 'initKeys'
>;

interface Parted {
  readonly msn: number;
  readonly epoch: number;
  /** The end of the segment: the media time from the first entry of this edge. */
  readonly endMs: Millis;
  readonly parts: readonly Part[];
  /** Bytes of its parts, if they are not slices of the segment; else 0. */
  readonly ownBytes: number;
}

/**
 * Parts are served within this many target durations of the live edge, and listed within half as many (RFC 8216bis,
 * 6.2.2 asks for three).
 */
const KEPT_TARGETS = 6;
/** Completed segments whose parts are kept, however short they are. */
const MAX_COMPLETE = 64;

/**
 * The live edge of a rendition whose source lists parts: the segment in progress, and the parts of recently completed
 * segments. It is empty for a rendition without parts.
 */
export class LiveEdge {
  readonly #rendition: RenditionId;
  readonly #resized: (bytes: number) => void;
  readonly #added: (part: Part) => void;
  readonly #listeners = new Set<() => void>();
  #partTargetMs: Millis | undefined;
  #open: OpenEntry | undefined;
  #parts: Part[] = [];
  #complete: Parted[] = [];
  #extension = 'm4s';
  #contentType = 'video/mp4';
  #next: { readonly msn: number; readonly epoch: number } | undefined;
  #seenMs = 0;
  #version = 0;
  #telling = false;

  /** @param resized called when bytes arrive (positive) or leave (negative) @param added called when a part arrives */
  constructor(rendition: RenditionId, resized: (bytes: number) => void, added: (part: Part) => void) {
    this.#rendition = rendition;
    this.#resized = resized;
    this.#added = added;
  }

  /** Grows with every change. */
  get version(): number {
    return this.#version;
  }

  /** The longest duration that a part may have; undefined while no parts are offered. */
  get partTargetMs(): Millis | undefined {
    return this.#partTargetMs;
  }

  /** The segment in progress. */
  get open(): OpenEntry | undefined {
    return this.#open;
  }

  /** The file extension in the URLs of parts, without the dot. */
  get extension(): string {
    return this.#extension;
  }

  /** The place of the part that comes next; undefined while no parts are offered. */
  get hint(): PartPlace | undefined {
    if (this.#partTargetMs === undefined) return undefined;
    if (this.#open !== undefined)
      return { epoch: this.#open.epoch, msn: this.#open.msn, part: this.#parts.length };
    return this.#next && { ...this.#next, part: 0 };
  }

  /** Parts of a segment that is in progress or was completed recently. */
  partsOf(msn: number): readonly Part[] {
    if (this.#open?.msn === msn) return this.#parts;
    return this.#complete.find((segment) => segment.msn === msn)?.parts ?? [];
  }

  part({ epoch, msn, part }: PartPlace): Part | undefined {
    const found =
      this.#open?.msn === msn ? this.#open : this.#complete.find((segment) => segment.msn === msn);
    return found?.epoch === epoch ? this.partsOf(msn)[part] : undefined;
  }

  /** Calls the listener shortly after each change. @returns a function that removes the listener */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Starts to offer parts, none of them longer than `partTargetMs`. */
  offer(partTargetMs: Millis): void {
    if (partTargetMs === this.#partTargetMs) return;
    this.#partTargetMs = partTargetMs;
    this.changed();
  }

  /** Call it when the source lists no more parts. */
  withdraw(): void {
    if (this.#partTargetMs === undefined) return;
    this.#partTargetMs = undefined;
    this.#drop();
    for (const { ownBytes } of this.#complete) this.#resized(-ownBytes);
    this.#complete = [];
    this.changed();
  }

  /** Begins the segment that will be appended next. */
  begin(entry: OpenEntry, type: { readonly contentType: string; readonly extension: string }): void {
    this.#drop();
    this.#open = entry;
    this.#extension = type.extension;
    this.#contentType = type.contentType;
    this.changed();
  }

  /** @returns false if the segment in progress has too many parts or bytes: its parts are dropped, it arrives whole */
  add({ data, durationMs, independent }: PartInput): boolean {
    if (this.#open === undefined) throw new RangeError('a part outside a segment');
    if (data.length === 0) throw new RangeError('an empty part');
    const size = this.#parts.reduce((sum, part) => sum + part.data.length, data.length);
    if (this.#parts.length >= LIMITS.partsPerSegment || size > LIMITS.segmentBytes) {
      this.#drop();
      this.changed();
      return false;
    }
    const { epoch, msn } = this.#open;
    const id = { epoch, rendition: this.#rendition, msn, part: this.#parts.length };
    const type = { contentType: this.#contentType, extension: this.#extension };
    const part = { ...storeSegment(id, { data, durationMs, ...type }), independent };
    this.#parts.push(part);
    this.#resized(data.length);
    this.changed();
    this.#added(part);
    return true;
  }

  /** The parts of the segment in progress as slices of the complete segment; undefined if they do not add up to it. */
  wholeOf({
    epoch,
    msn,
    durationMs,
    data,
  }: Pick<PlaylistEntry, 'epoch' | 'msn' | 'durationMs'> & { readonly data: Buffer }):
    readonly Part[] | undefined {
    if (this.#open?.msn !== msn || this.#open.epoch !== epoch) return undefined;
    return this.#reachesEnd(durationMs) ? slicesOf(data, this.#parts) : undefined;
  }

  /** Call it after an entry was added to the buffer. @param targetMs the playlist's target duration */
  closed(entry: PlaylistEntry, targetMs: Millis): void {
    this.#next = { msn: entry.msn + 1, epoch: entry.epoch };
    this.#seenMs += entry.durationMs;
    if (this.#partTargetMs === undefined) return;
    const isOpen = this.#open?.msn === entry.msn && this.#open.epoch === entry.epoch;
    if (isOpen && this.#reachesEnd(entry.durationMs) && entry.segment !== undefined) {
      const slices = slicesOf(entry.segment.data, this.#parts);
      const ownBytes = slices === undefined ? bytesOf(this.#parts) : 0;
      if (slices !== undefined) this.#resized(-bytesOf(this.#parts));
      const { msn, epoch } = entry;
      this.#complete.push({ msn, epoch, endMs: this.#seenMs, parts: slices ?? this.#parts, ownBytes });
      this.#parts = [];
      this.#open = undefined;
    } else this.#drop();
    this.#forgetBefore(this.#seenMs - KEPT_TARGETS * targetMs);
    this.changed();
  }

  /** Whether the parts cover the segment. If not, a player that loads only parts would miss the rest of it. */
  #reachesEnd(durationMs: Millis): boolean {
    const partsMs = this.#parts.reduce((sum, part) => sum + part.durationMs, 0);
    return Math.abs(partsMs - durationMs) < (this.#partTargetMs ?? 0) / 2;
  }

  /** Notifies the listeners of a change, once for all changes of one step. */
  changed(): void {
    this.#version++;
    if (this.#telling || this.#listeners.size === 0) return;
    this.#telling = true;
    // Wait until the feed has finished its step: a last part and the end of its segment are one change.
    queueMicrotask(() => {
      this.#telling = false;
      for (const listener of [...this.#listeners]) listener();
    });
  }

  #drop(): void {
    if (this.#parts.length > 0) this.#resized(-bytesOf(this.#parts));
    this.#parts = [];
    this.#open = undefined;
  }

  /** Call it when an entry leaves the buffer: its parts are slices of its bytes. */
  evicted(msn: number): void {
    const old = this.#complete.findLastIndex((segment) => segment.msn <= msn);
    for (const { ownBytes } of this.#complete.splice(0, old + 1)) this.#resized(-ownBytes);
  }

  #forgetBefore(ms: Millis): void {
    // Segments may be listed with no duration at all.
    const surplus = this.#complete.length - MAX_COMPLETE - 1;
    const old = this.#complete.findLastIndex(({ endMs }, index) => endMs <= ms || index <= surplus);
    for (const { ownBytes } of this.#complete.splice(0, old + 1)) this.#resized(-ownBytes);
  }
}

function bytesOf(parts: readonly Part[]): number {
  return parts.reduce((sum, { data }) => sum + data.length, 0);
}

/** The parts as slices of their segment, so that no bytes are held twice; undefined if they do not add up to it. */
function slicesOf(segment: Buffer, parts: readonly Part[]): Part[] | undefined {
  let offset = 0;
  const slices: Part[] = [];
  for (const part of parts) {
    const slice = segment.subarray(offset, offset + part.data.length);
    if (!slice.equals(part.data)) return undefined;
    slices.push({ ...part, data: slice });
    offset += slice.length;
  }
  return offset === segment.length ? slices : undefined;
}
