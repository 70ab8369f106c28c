import { MAX_MSN, type RenditionId } from '@freshet/protocol';
import type { EntryInput, PlaylistEntry, SegmentInput } from './playlist-entry.ts';
import type { RenditionAttributes } from './rendition-id.ts';
import {
  contentHash,
  storeInit,
  type StoredInit,
  storeSegment,
  type StoredSegment,
} from './stored-segment.ts';

/** What a rendition asks of its stream's buffer. */
export interface BufferOwner {
  /** The stream's newest. */
  epoch(): number;
  readonly bufferSeconds: number;
  /** Bytes came in (positive) or went (negative). */
  resized(bytes: number): void;
  stored(segment: StoredSegment): void;
}

interface Slot {
  readonly entry: PlaylistEntry;
  /** Order of arrival within the stream. */
  readonly serial: number;
}

/**
 * One rendition's ring in memory: entries with contiguous media sequence numbers, the oldest leaving first.
 * What is advertised is a window on it; what left the window is still served until it leaves the ring.
 */
export class RenditionBuffer {
  readonly id: RenditionId;
  readonly attributes: RenditionAttributes;
  readonly #owner: BufferOwner;
  readonly #nextSerial: () => number;
  #slots: Slot[] = [];
  readonly #inits = new Map<string, StoredInit>();
  /** Kept though no segment needs it yet. */
  #newestInit: StoredInit | undefined;
  #advertisedFrom = 0;
  #header: readonly string[] = [];
  #ended = false;
  #available = true;
  #version = 0;
  #heldMs = 0;
  #timeline = 0;

  constructor(
    id: RenditionId,
    attributes: RenditionAttributes,
    owner: BufferOwner,
    nextSerial: () => number,
  ) {
    this.id = id;
    this.attributes = attributes;
    this.#owner = owner;
    this.#nextSerial = nextSerial;
  }

  /** Grows with every change of the playlist: what was made from it may be kept until then. */
  get version(): number {
    return this.#version;
  }

  /** Playlist-wide lines of the source (version, target duration, START…), without EXTM3U and what depends on the window. */
  get header(): readonly string[] {
    return this.#header;
  }

  /** No segment will follow: EXT-X-ENDLIST. */
  get ended(): boolean {
    return this.#ended;
  }

  /** The media sequence number after the newest entry's; undefined while there is none. */
  get nextMsn(): number | undefined {
    const last = this.#slots.at(-1);
    return last === undefined ? undefined : last.entry.msn + 1;
  }

  /** Discontinuity sequence number of the newest entry there was. */
  get timeline(): number {
    return this.#timeline;
  }

  get heldMs(): number {
    return this.#heldMs;
  }

  get entryCount(): number {
    return this.#slots.length;
  }

  /** Order of arrival of the oldest entry within the stream; undefined when empty. */
  get oldestSerial(): number | undefined {
    return this.#slots[0]?.serial;
  }

  /** Every entry in memory, oldest first. */
  get entries(): readonly PlaylistEntry[] {
    return this.#slots.map((slot) => slot.entry);
  }

  /** The advertised window, oldest first: what the playlist lists. */
  get listed(): readonly PlaylistEntry[] {
    return this.#slots.filter((slot) => slot.entry.msn >= this.#advertisedFrom).map((slot) => slot.entry);
  }

  /** Segments of the window with their order of arrival within the stream. */
  listedSegments(): { readonly serial: number; readonly segment: StoredSegment }[] {
    const found: { serial: number; segment: StoredSegment }[] = [];
    for (const { serial, entry } of this.#slots)
      if (entry.segment !== undefined && entry.msn >= this.#advertisedFrom)
        found.push({ serial, segment: entry.segment });
    return found;
  }

  segment(epoch: number, msn: number): StoredSegment | undefined {
    const entry = this.#slot(msn)?.entry;
    return entry?.epoch === epoch ? entry.segment : undefined;
  }

  init(epoch: number, hash: string): StoredInit | undefined {
    const init = this.#inits.get(hash);
    return init?.epoch === epoch ? init : undefined;
  }

  setHeader(lines: readonly string[]): void {
    if (sameLines(lines, this.#header)) return;
    this.#header = lines;
    this.#version++;
  }

  /** Whether its source works; new viewers are not offered a rendition that does not while there are others. */
  get available(): boolean {
    return this.#available;
  }

  setAvailable(available: boolean): void {
    this.#available = available;
  }

  setEnded(ended: boolean): void {
    if (ended === this.#ended) return;
    this.#ended = ended;
    this.#version++;
  }

  /** Moves the window's start to this media sequence number. It never moves back; the newest entry stays listed. */
  advertiseFrom(msn: number): void {
    const newest = this.#slots.at(-1)?.entry.msn ?? 0;
    const from = Math.min(msn, newest);
    if (from <= this.#advertisedFrom) return;
    this.#advertisedFrom = from;
    this.#version++;
  }

  /**
   * Takes an init segment into the buffer. Bytes that are held already keep their entry and so their URL.
   * It leaves when no entry refers to it and another came.
   */
  putInit(data: Buffer, contentType: string): StoredInit {
    const held = this.#inits.get(contentHash(data));
    if (held !== undefined) return held;
    const init = storeInit(this.#owner.epoch(), this.id, data, contentType);
    this.#hold(init);
    this.#newestInit = init;
    this.#dropUnusedInits();
    return init;
  }

  /** Publishes a segment at the end of the list. @throws RangeError on what a feed must never pass (see `SegmentInput`). */
  append(input: SegmentInput): StoredSegment {
    if (input.data.length === 0) throw new RangeError('a segment without a byte');
    if (!/^[a-z0-9]{1,5}$/.test(input.extension)) throw new RangeError(`extension ${input.extension}`);
    const epoch = input.epoch ?? this.#owner.epoch();
    const segment = storeSegment({ epoch, rendition: this.id, msn: input.msn }, input);
    this.#push(input, segment);
    this.#owner.resized(segment.data.length);
    this.#owner.stored(segment);
    return segment;
  }

  /** Publishes a place whose segment could not be had. */
  appendGap(input: EntryInput): void {
    this.#push(input, undefined);
    this.#owner.resized(0);
  }

  /** The source changed its lines for a segment that is listed already (a date range got its end). */
  refresh(msn: number, lines: readonly string[]): void {
    const index = this.#index(msn);
    const slot = this.#slots[index];
    if (slot === undefined || sameLines(slot.entry.lines, lines)) return;
    this.#slots[index] = { ...slot, entry: { ...slot.entry, lines } };
    this.#version++;
  }

  /** Drops the oldest entry. The newest one always stays. @returns false when there was nothing to drop */
  evictOldest(): boolean {
    if (this.#slots.length < 2) return false;
    const slot = this.#slots.shift();
    if (slot === undefined) return false;
    this.#forget(slot.entry);
    this.#dropUnusedInits();
    this.#version++;
    return true;
  }

  #push(input: EntryInput, segment: StoredSegment | undefined): void {
    const last = this.#slots.at(-1)?.entry;
    const timeline = input.timeline ?? this.#timeline;
    if (!Number.isSafeInteger(input.msn) || input.msn > MAX_MSN || input.msn < (this.nextMsn ?? 0))
      throw new RangeError(`media sequence number ${input.msn} after ${last?.msn ?? 'none'}`);
    if (timeline < this.#timeline) throw new RangeError(`timeline ${timeline} after ${this.#timeline}`);
    // A playlist cannot say that numbers are missing: the list starts over behind the hole.
    if (last !== undefined && input.msn > last.msn + 1) this.#clear();
    const entry: PlaylistEntry = {
      msn: input.msn,
      epoch: input.epoch ?? this.#owner.epoch(),
      timeline,
      durationMs: input.durationMs,
      lines: input.lines ?? [`#EXTINF:${(input.durationMs / 1000).toFixed(3)},`],
      keys: input.keys ?? [],
      init: 'init' in input ? input.init : last?.init,
      initKeys: input.initKeys ?? [],
      segment,
    };
    // Another may have come before the first segment that needs this one.
    if (entry.init !== undefined && !this.#inits.has(entry.init.hash)) this.#hold(entry.init);
    this.#slots.push({ entry, serial: this.#nextSerial() });
    this.#timeline = timeline;
    this.#heldMs += entry.durationMs;
    this.#version++;
    const boundMs = this.#owner.bufferSeconds * 1000;
    this.#dropUnusedInits();
    while (this.#heldMs - (this.#slots[0]?.entry.durationMs ?? 0) >= boundMs && this.evictOldest());
  }

  #clear(): void {
    for (const { entry } of this.#slots) this.#forget(entry);
    this.#slots = [];
  }

  #forget(entry: PlaylistEntry): void {
    this.#heldMs -= entry.durationMs;
    if (entry.segment !== undefined) this.#owner.resized(-entry.segment.data.length);
  }

  #hold(init: StoredInit): void {
    this.#inits.set(init.hash, init);
    this.#owner.resized(init.data.length);
  }

  #dropUnusedInits(): void {
    const used = new Set(this.#slots.map((slot) => slot.entry.init));
    for (const init of this.#inits.values()) {
      if (init === this.#newestInit || used.has(init)) continue;
      this.#inits.delete(init.hash);
      this.#owner.resized(-init.data.length);
    }
  }

  #index(msn: number): number {
    const first = this.#slots[0]?.entry.msn;
    return first === undefined ? -1 : msn - first;
  }

  #slot(msn: number): Slot | undefined {
    return this.#slots[this.#index(msn)];
  }
}

function sameLines(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((line, index) => line === b[index]);
}
