/** m3u8-parser ships no types; these are the fields read here. The values come from the source: do not trust them. */
declare module 'm3u8-parser' {
  interface ParsedSegment {
    uri?: string;
    /** Seconds. */
    duration?: number;
    /** Milliseconds since 1970, carried forward from the last tag. */
    programDateTime?: number | null;
  }
  interface ParsedManifest {
    segments?: ParsedSegment[];
    mediaSequence?: number;
    discontinuitySequence?: number;
    /** Seconds. */
    targetDuration?: number;
  }
  export class Parser {
    readonly manifest: ParsedManifest;
    push(text: string): void;
    end(): void;
  }
}
