import type { StoredInit, StoredSegment } from './stored-segment.ts';

/** One place in a rendition's media playlist. Places are never skipped: what could not be had is a gap. */
export interface PlaylistEntry {
  readonly msn: number;
  readonly epoch: number;
  /** The discontinuity sequence number: one more than the entry's before when an EXT-X-DISCONTINUITY stands between. */
  readonly timeline: number;
  readonly durationMs: number;
  /**
   * The source's lines for this segment as they came, EXTINF among them; without EXT-X-MAP, EXT-X-KEY,
   * EXT-X-DISCONTINUITY and whatever else depends on the place in the list.
   */
  readonly lines: readonly string[];
  /** EXT-X-KEY lines in force. */
  readonly keys: readonly string[];
  readonly init: StoredInit | undefined;
  /** EXT-X-KEY lines in force where the source's EXT-X-MAP stood: they say whether the init segment is encrypted. */
  readonly initKeys: readonly string[];
  /** undefined: a gap (EXT-X-GAP), or not in memory now. */
  readonly segment: StoredSegment | undefined;
  /** Where viewers get its bytes: its absolute address at the broadcaster's CDN. undefined: here. */
  readonly origin: string | undefined;
  /** Its bytes are fetched when they are asked for, under this extension; they come and go while the entry stays. */
  readonly onDemand: string | undefined;
}

/** What a feed says of a segment; what it leaves out goes on as in the entry before. */
export interface EntryInput {
  /** Our media sequence number: one more than the last, or any higher one after which the list starts over. */
  readonly msn: number;
  readonly durationMs: number;
  /** Default: the stream's epoch. */
  readonly epoch?: number;
  /** Discontinuity sequence number. Default: that of the entry before, 0 at first. Never goes back. */
  readonly timeline?: number;
  /** Default: one EXTINF line made from the duration. */
  readonly lines?: readonly string[];
  readonly keys?: readonly string[];
  /** From `putInit`. */
  readonly init?: StoredInit | undefined;
  readonly initKeys?: readonly string[];
  /** See `PlaylistEntry`. Default: here. */
  readonly origin?: string | undefined;
}

export interface SegmentInput extends EntryInput {
  /** At least one byte. Kept, not copied: the feed must not write to it afterwards. */
  readonly data: Buffer;
  readonly contentType: string;
  /** One to five small letters or digits, without the dot. */
  readonly extension: string;
}
