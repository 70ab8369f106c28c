import { MAX_MSN, type RenditionId } from '@freshet/protocol';
import { InitSegments } from './init-segments.ts';
import { entryBytes, linesBytes, ownLines, ownText, sameLines } from './list-memory.ts';
import { LiveEdge, type PartPlace } from './live-edge.ts';
import { type EntryInput, entryOf, type PlaylistEntry, type SegmentInput } from './playlist-entry.ts';
import type { RenditionAttributes } from './rendition-id.ts';
import {
  storedPart,
  storeInit,
  type StoredInit,
  storeSegment,
  type StoredSegment,
  sumOfParts,
} from './stored-segment.ts';

/** Oldest entries that a rewindable window does not list once entries leave: players might be about to request them. */
const DVR_MARGIN_ENTRIES = 3;

/** What a rendition needs from its stream's buffer. */
export interface BufferOwner {
  /** The stream's newest epoch. */
  epoch(): number;
  readonly bufferSeconds: number;
  readonly dvrSeconds: number;
  /** Called when bytes arrive (positive) or leave (negative). */
  resized(bytes: number): void;
  /** The same for the memory of the list: lines of playlists, piece lists and the entries themselves. */
  listResized(bytes: number): void;
  stored(segment: StoredSegment): void;
  /** Called when a part of the segment in progress arrives. */
  parted(part: StoredSegment): void;
  /** Called when the bytes of an entry on demand arrive or are requested again: they are then the last to leave. */
  used(rendition: RenditionBuffer, segment: StoredSegment, isNew: boolean): void;
  /** Called when the limit in seconds makes the oldest entry leave. */
  expired(): void;
}

/** Too many entries are being fetched, in all or for this address prefix. */
export type Busy = 'whole' | 'prefix';

/** Fetches the bytes of an entry on demand, for a viewer of this address prefix. Undefined: the fetch failed. */
export type OnDemandFetch = (msn: number, prefix: string) => Promise<StoredSegment | undefined> | Busy;

interface Slot {
  readonly entry: PlaylistEntry;
  /** Order of arrival within the stream. */
  readonly serial: number;
  readonly listBytes: number;
}

/**
 * One rendition's ring in memory: entries with contiguous media sequence numbers, of which the oldest leave first.
 * The advertised window is a range of it. Entries before the window are served until they leave the ring.
 */
export class RenditionBuffer {
  readonly id: RenditionId;
  readonly attributes: RenditionAttributes;
  /** Parts, if the source lists them. */
  readonly edge: LiveEdge;
  readonly #owner: BufferOwner;
  readonly #nextSerial: () => number;
  #slots: Slot[] = [];
  readonly #inits: InitSegments;
  #advertisedFrom = 0;
  #header: readonly string[] = [];
  #ended = false;
  #available = true;
  #version = 0;
  #heldMs = 0;
  #timeline = 0;
  /** Duration of the longest entry so far, in whole seconds: a target duration must not decrease (RFC 8216, 6.2.1). */
  #longestSeconds = 1;
  /** One of the limits has made entries leave, so more will. */
  #evicted = false;
  #whole = false;
  /** Set by a feed that lists entries on demand. */
  fetchOnDemand: OnDemandFetch | undefined;

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
    this.#inits = new InitSegments((bytes) => {
      owner.resized(bytes);
    });
    this.edge = new LiveEdge(
      id,
      (bytes) => {
        owner.resized(bytes);
      },
      (part) => {
        owner.parted(part);
      },
    );
  }

  /** Grows with every change of the playlist: a rendered playlist is valid until then. */
  get version(): number {
    return this.#version + this.edge.version;
  }

  /**
   * Playlist-wide lines of the source (version, target duration, START…), without EXTM3U and those that depend on the
   * window.
   */
  get header(): readonly string[] {
    return this.#header;
  }

  /** Lower bound of the target duration, in seconds. */
  get longestSeconds(): number {
    return this.#longestSeconds;
  }

  /** No segment will follow: EXT-X-ENDLIST. */
  get ended(): boolean {
    return this.#ended;
  }

  /** The media sequence number after the newest entry's; undefined while there are no entries. */
  get nextMsn(): number | undefined {
    const last = this.#slots.at(-1);
    return last === undefined ? undefined : last.entry.msn + 1;
  }

  /** Discontinuity sequence number of the newest entry so far. */
  get timeline(): number {
    return this.#timeline;
  }

  get heldMs(): number {
    return this.#heldMs;
  }

  get entryCount(): number {
    return this.#slots.length;
  }

  /** Order of arrival of the oldest entry within the stream; undefined if it must not leave. */
  get oldestSerial(): number | undefined {
    const oldest = this.#slots[0];
    return oldest?.entry.onDemand === undefined ? oldest?.serial : undefined;
  }

  /** The rendition is a recording: no entries will be added. */
  get whole(): boolean {
    return this.#whole;
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

  /** A part of the segment in progress, or of a segment that was made of parts. */
  part(place: PartPlace): StoredSegment | undefined {
    const segment = this.segment(place.epoch, place.msn);
    return this.edge.part(place) ?? (segment && storedPart(segment, place.part));
  }

  /**
   * The segment of an entry on demand, whose bytes may have to be fetched first.
   * @param extension of the requested URL. Default: any
   * @param prefix the address prefix of the viewer that asks
   * @returns undefined if there is no such entry on demand
   */
  demand(
    epoch: number,
    msn: number,
    extension?: string,
    prefix = '',
  ): Promise<StoredSegment | undefined> | Busy | undefined {
    const entry = this.#onDemand(epoch, msn, extension);
    if (entry === undefined) return undefined;
    if (entry.segment === undefined) return this.fetchOnDemand?.(msn, prefix);
    this.#owner.used(this, entry.segment, false);
    return Promise.resolve(entry.segment);
  }

  /** Whether this is an entry on demand whose bytes are not in memory. @param extension as for `demand` */
  isUnloaded(epoch: number, msn: number, extension?: string): boolean {
    const entry = this.#onDemand(epoch, msn, extension);
    return entry !== undefined && entry.segment === undefined;
  }

  init(epoch: number, hash: string): StoredInit | undefined {
    return this.#inits.get(epoch, hash);
  }

  setHeader(lines: readonly string[]): void {
    if (sameLines(lines, this.#header)) return;
    const declared = lines.map((line) => Number(/^#EXT-X-TARGETDURATION:(\d+)/.exec(line)?.[1] ?? 0));
    this.#longestSeconds = Math.max(this.#longestSeconds, ...declared);
    const before = linesBytes(this.#header);
    this.#header = ownLines(lines);
    this.#version++;
    this.#owner.listResized(linesBytes(this.#header) - before);
  }

  /** Whether its source works. New viewers are not offered a rendition whose source is out while there are others. */
  get available(): boolean {
    return this.#available;
  }

  setAvailable(available: boolean): void {
    this.#available = available;
  }

  setWhole(whole: boolean): void {
    if (whole === this.#whole) return;
    this.#whole = whole;
    this.#version++;
  }

  setEnded(ended: boolean): void {
    if (ended === this.#ended) return;
    this.#ended = ended;
    this.#version++;
    this.edge.changed();
  }

  /**
   * Moves the window's start to this media sequence number, or less far if viewers may rewind. It never moves back, and
   * the newest entry stays listed.
   */
  advertiseFrom(msn: number): void {
    const newest = this.#slots.at(-1)?.entry.msn ?? 0;
    const from = Math.min(msn, newest, this.#owner.dvrSeconds > 0 ? this.#rewindableFrom() : msn);
    if (from <= this.#advertisedFrom) return;
    this.#advertisedFrom = from;
    this.#version++;
  }

  /** Adds an init segment to the buffer. Bytes that are already held keep their entry, and so their URL. */
  putInit(data: Buffer, contentType: string): StoredInit {
    const held = this.#inits.find(data);
    if (held !== undefined) return held;
    const init = storeInit(this.#owner.epoch(), this.id, data, contentType);
    this.#inits.add(init);
    this.#dropUnusedInits();
    return init;
  }

  /** Publishes a segment at the end of the list. @throws RangeError on invalid input (see `SegmentInput`) */
  append(input: SegmentInput): StoredSegment {
    if (input.data.length === 0) throw new RangeError('an empty segment');
    if (!/^[a-z0-9]{1,5}$/.test(input.extension)) throw new RangeError(`extension ${input.extension}`);
    const epoch = input.epoch ?? this.#owner.epoch();
    const parts = this.edge.wholeOf({ ...input, epoch });
    const segment = storeSegment(
      { epoch, rendition: this.id, msn: input.msn },
      input,
      parts && sumOfParts(parts),
    );
    this.#push(input, segment);
    this.#owner.resized(segment.data.length);
    this.#owner.stored(segment);
    return segment;
  }

  /** Publishes a place whose segment is missing. */
  appendGap(input: EntryInput): void {
    this.#push(input, undefined);
    this.#owner.resized(0);
  }

  /** Publishes a place whose bytes are fetched on request. The buffer's limits do not remove it. */
  appendOnDemand(input: EntryInput, extension: string): void {
    this.#push(input, undefined, extension);
  }

  /** Adds the bytes of an entry on demand. @returns undefined if the entry no longer exists */
  putOnDemand(msn: number, media: Pick<SegmentInput, 'data' | 'contentType'>): StoredSegment | undefined {
    const slot = this.#slot(msn);
    const extension = slot?.entry.onDemand;
    if (slot === undefined || extension === undefined || slot.entry.segment !== undefined)
      return slot?.entry.segment;
    const { epoch, durationMs, origin } = slot.entry;
    const id = { epoch, rendition: this.id, msn };
    const segment = storeSegment(id, { ...media, extension, durationMs, origin });
    this.#setBytes(msn, segment);
    this.#owner.used(this, segment, true);
    this.#owner.resized(segment.data.length);
    return segment;
  }

  /** Removes the bytes of an entry on demand; the entry stays. */
  dropOnDemand(msn: number): void {
    const { segment, onDemand } = this.#slot(msn)?.entry ?? {};
    if (segment === undefined || onDemand === undefined) return;
    this.#setBytes(msn, undefined);
    this.#owner.resized(-segment.data.length);
  }

  /** Removes all entries: what follows is unrelated to them. */
  clear(): void {
    this.#clear();
    this.#dropUnusedInits();
    this.#version++;
  }

  /** Call it when the source changes its lines for a listed segment, for example when a date range gets its end. */
  refresh(msn: number, lines: readonly string[]): void {
    const index = this.#index(msn);
    const slot = this.#slots[index];
    if (slot === undefined || sameLines(slot.entry.lines, lines)) return;
    const grownBy = linesBytes(lines) - linesBytes(slot.entry.lines);
    this.#slots[index] = {
      ...slot,
      entry: { ...slot.entry, lines: ownLines(lines) },
      listBytes: slot.listBytes + grownBy,
    };
    this.#version++;
    this.#owner.listResized(grownBy);
  }

  /** Drops the oldest entry. The newest one always stays. @returns false if there was nothing to drop */
  evictOldest(): boolean {
    if (this.#slots.length < 2 || this.#slots[0]?.entry.onDemand !== undefined) return false;
    const slot = this.#slots.shift();
    if (slot === undefined) return false;
    this.#forget(slot);
    this.edge.evicted(slot.entry.msn);
    this.#dropUnusedInits();
    this.#evicted = true;
    this.#version++;
    return true;
  }

  #push(input: EntryInput, segment: StoredSegment | undefined, onDemand?: string): void {
    const last = this.#slots.at(-1)?.entry;
    const timeline = input.timeline ?? this.#timeline;
    if (!Number.isSafeInteger(input.msn) || input.msn > MAX_MSN || input.msn < (this.nextMsn ?? 0))
      throw new RangeError(`media sequence number ${input.msn} after ${last?.msn ?? 'none'}`);
    if (timeline < this.#timeline) throw new RangeError(`timeline ${timeline} after ${this.#timeline}`);
    // A playlist cannot express missing numbers: the list starts over after the hole.
    if (last !== undefined && input.msn > last.msn + 1) this.#clear();
    const epoch = input.epoch ?? this.#owner.epoch();
    const entry = entryOf(ownText(input, last), last, { epoch, timeline, segment, onDemand });
    if (entry.init !== undefined) this.#inits.hold(entry.init);
    const listBytes = entryBytes(entry, last);
    this.#slots.push({ entry, serial: this.#nextSerial(), listBytes });
    this.#timeline = timeline;
    this.#longestSeconds = Math.max(this.#longestSeconds, Math.round(entry.durationMs / 1000));
    // An entry on demand counts only while its bytes are in memory.
    if (onDemand === undefined) this.#heldMs += entry.durationMs;
    this.#version++;
    const boundMs = this.#owner.bufferSeconds * 1000;
    this.#dropUnusedInits();
    while (this.#heldMs - (this.#slots[0]?.entry.durationMs ?? 0) >= boundMs && this.evictOldest())
      this.#owner.expired();
    this.edge.closed(entry, this.#longestSeconds * 1000);
    this.#owner.listResized(listBytes);
  }

  #onDemand(epoch: number, msn: number, extension: string | undefined): PlaylistEntry | undefined {
    const entry = this.#slot(msn)?.entry;
    if (entry?.epoch !== epoch || entry.onDemand === undefined) return undefined;
    return extension === undefined || entry.onDemand === extension ? entry : undefined;
  }

  #rewindableFrom(): number {
    const dvrMs = this.#owner.dvrSeconds * 1000;
    let heldMs = 0;
    const outside = this.#slots.findLastIndex(({ entry }) => (heldMs += entry.durationMs) > dvrMs);
    const first = Math.max(outside + 1, this.#evicted ? DVR_MARGIN_ENTRIES : 0);
    return this.#slots[first]?.entry.msn ?? 0;
  }

  #setBytes(msn: number, segment: StoredSegment | undefined): void {
    const index = this.#index(msn);
    const slot = this.#slots[index];
    if (slot === undefined) return;
    this.#slots[index] = { ...slot, entry: { ...slot.entry, segment } };
    this.#heldMs += segment === undefined ? -slot.entry.durationMs : slot.entry.durationMs;
  }

  #clear(): void {
    for (const slot of this.#slots) this.#forget(slot);
    this.#slots = [];
  }

  #forget({ entry, listBytes }: Slot): void {
    this.#owner.listResized(-listBytes);
    if (entry.onDemand === undefined || entry.segment !== undefined) this.#heldMs -= entry.durationMs;
    if (entry.segment !== undefined) this.#owner.resized(-entry.segment.data.length);
  }

  #dropUnusedInits(): void {
    this.#inits.dropUnused(new Set(this.#slots.map((slot) => slot.entry.init)));
  }

  #index(msn: number): number {
    const first = this.#slots[0]?.entry.msn;
    return first === undefined ? -1 : msn - first;
  }

  #slot(msn: number): Slot | undefined {
    return this.#slots[this.#index(msn)];
  }
}
