import type { StoredInit, StoredSegment } from './stored-segment.ts';

/** One place in a rendition's media playlist. Places are never skipped: a missing segment is a gap. */
export interface PlaylistEntry {
  readonly msn: number;
  readonly epoch: number;
  /**
   * The discontinuity sequence number: one more than the previous entry's if an EXT-X-DISCONTINUITY stands between
   * them.
   */
  readonly timeline: number;
  readonly durationMs: number;
  /**
   * The source's original lines for this segment, including EXTINF, without EXT-X-MAP, EXT-X-KEY, EXT-X-DISCONTINUITY
   * and the other tags that depend on the place in the list.
   */
  readonly lines: readonly string[];
  /** EXT-X-KEY lines in force. */
  readonly keys: readonly string[];
  readonly init: StoredInit | undefined;
  /** EXT-X-KEY lines in force at the source's EXT-X-MAP: they tell whether the init segment is encrypted. */
  readonly initKeys: readonly string[];
  /** undefined: a gap (EXT-X-GAP), or currently not in memory. */
  readonly segment: StoredSegment | undefined;
  /** Absolute address at the broadcaster's CDN where viewers fetch it. undefined: this server. */
  readonly origin: string | undefined;
  /** The extension of an entry on demand: its bytes are fetched on request, and come and go while the entry stays. */
  readonly onDemand: string | undefined;
}

/** What a feed passes for a segment. Fields that it leaves out have defaults. */
export interface EntryInput {
  /** Our media sequence number: one more than the last, or any higher one, after which the list starts over. */
  readonly msn: number;
  readonly durationMs: number;
  /** Default: the stream's epoch. */
  readonly epoch?: number;
  /** Discontinuity sequence number. Default: the highest so far, 0 at first. Never decreases. */
  readonly timeline?: number;
  /** Default: one EXTINF line made from the duration. */
  readonly lines?: readonly string[];
  readonly keys?: readonly string[];
  /** From `putInit`. */
  readonly init?: StoredInit | undefined;
  readonly initKeys?: readonly string[];
  /** See `PlaylistEntry`. Default: this server. */
  readonly origin?: string | undefined;
}

export interface SegmentInput extends EntryInput {
  /** At least one byte. Kept, not copied: the feed must not write to it afterwards. */
  readonly data: Buffer;
  readonly contentType: string;
  /** One to five lowercase letters or digits, without the dot. */
  readonly extension: string;
}

/** Fills in the defaults of a feed's input. @param last the entry before it, whose init segment is the default */
export function entryOf(
  input: EntryInput,
  last: PlaylistEntry | undefined,
  media: Pick<PlaylistEntry, 'epoch' | 'timeline' | 'segment' | 'onDemand'>,
): PlaylistEntry {
  return {
    msn: input.msn,
    durationMs: input.durationMs,
    lines: input.lines ?? [`#EXTINF:${(input.durationMs / 1000).toFixed(3)},`],
    keys: input.keys ?? [],
    init: 'init' in input ? input.init : last?.init,
    initKeys: input.initKeys ?? [],
    origin: input.origin,
    ...media,
  };
}
