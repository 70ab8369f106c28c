/** m3u8-parser ships no types; these are the parts that are read here. Values are the source's: not to be believed. */
declare module 'm3u8-parser' {
  interface ParsedByteRange {
    length?: number;
    offset?: number;
  }
  interface ParsedSegment {
    uri?: string;
    /** Seconds. */
    duration?: number;
    discontinuity?: boolean;
    /** Discontinuity sequence number, counted from the playlist's. */
    timeline?: number;
    byterange?: ParsedByteRange;
    /** Milliseconds since 1970, carried forward from the last tag. */
    programDateTime?: number | null;
  }
  interface ParsedManifest {
    segments?: ParsedSegment[];
    mediaSequence?: number;
    discontinuitySequence?: number;
    /** Seconds. */
    targetDuration?: number;
    endList?: boolean;
    playlists?: unknown[];
  }
  export class Parser {
    readonly manifest: ParsedManifest;
    push(text: string): void;
    end(): void;
  }
}
