import type { Millis } from '@freshet/protocol';
import type { Fragment, FragmentHandler } from '../../mp4/fragment-reader.ts';
import type { UploadStore } from '../upload/upload-store.ts';

export interface PartPackagerOptions {
  readonly store: UploadStore;
  /** Prefix of the file names, different for each run. */
  readonly prefix: string;
  /** The playlist's name. */
  readonly playlist: string;
  /** Milliseconds since 1970, by a clock that never jumps. */
  readonly wallClock: () => Millis;
}

interface Segment {
  readonly startedAt: Millis;
  readonly parts: Fragment[];
}

/** A segment ends before the first keyframe after this duration. */
const SEGMENT_MS: Millis = 2000;
/** For a source without keyframes: no player could start, but memory is bounded. */
const MAX_SEGMENT_MS: Millis = 30_000;
const LISTED_SEGMENTS = 6;
/** The newest segments whose parts are listed too. */
const PARTED_SEGMENTS = 2;
/** The duration requested from ffmpeg, plus a margin of one frame; see `PART_MS`. */
const PART_TARGET_MS: Millis = 500;

/** The requested duration of a part. ffmpeg ends a part with the frame that passes it. */
export const PART_MS: Millis = 440;

/** Makes low-latency HLS from fragments, each as soon as it arrives: parts, segments of them, and the playlist. */
export class PartPackager implements FragmentHandler {
  readonly #options: PartPackagerOptions;
  /** Complete segments, followed by the one in progress. */
  #segments: Segment[] = [];
  #firstMsn = 0;
  #partTargetMs = PART_TARGET_MS;

  constructor(options: PartPackagerOptions) {
    this.#options = options;
  }

  readonly onInit = (init: Buffer): void => {
    const { store, prefix } = this.#options;
    store.put(`${prefix}-init.mp4`, init);
  };

  readonly onFragment = (fragment: Fragment): void => {
    const { store, wallClock } = this.#options;
    const open = this.#segments.at(-1);
    const isEnd = open !== undefined && isComplete(open, fragment);
    if (isEnd) store.put(this.#segmentName(this.#openMsn), Buffer.concat(open.parts.map(({ data }) => data)));
    if (open === undefined || isEnd) {
      this.#segments.push({ startedAt: wallClock() - fragment.durationMs, parts: [] });
      const gone = Math.max(0, this.#segments.length - 1 - LISTED_SEGMENTS);
      this.#segments = this.#segments.slice(gone);
      this.#firstMsn += gone;
    }
    const parts = this.#segments.at(-1)?.parts ?? [];
    parts.push(fragment);
    this.#partTargetMs = Math.max(this.#partTargetMs, Math.ceil(fragment.durationMs / 10) * 10);
    store.put(this.#partName(this.#openMsn, parts.length - 1), fragment.data);
    store.put(this.#options.playlist, Buffer.from(this.#list()));
  };

  get #openMsn(): number {
    return this.#firstMsn + this.#segments.length - 1;
  }

  #list(): string {
    const { prefix } = this.#options;
    const complete = this.#segments.slice(0, -1);
    const longest = Math.max(SEGMENT_MS, ...complete.map(durationOf));
    const lines = [
      ...['#EXTM3U', '#EXT-X-VERSION:9', '#EXT-X-INDEPENDENT-SEGMENTS'],
      `#EXT-X-TARGETDURATION:${Math.round(longest / 1000)}`,
      `#EXT-X-PART-INF:PART-TARGET=${this.#partTargetMs / 1000}`,
      `#EXT-X-MEDIA-SEQUENCE:${this.#firstMsn}`,
      `#EXT-X-MAP:URI="${prefix}-init.mp4"`,
    ];
    this.#segments.forEach((segment, index) => {
      const msn = this.#firstMsn + index;
      const isOpen = msn === this.#openMsn;
      lines.push(`#EXT-X-PROGRAM-DATE-TIME:${new Date(segment.startedAt).toISOString()}`);
      if (msn >= this.#openMsn - PARTED_SEGMENTS) lines.push(...this.#partLines(segment, msn));
      if (!isOpen) lines.push(`#EXTINF:${(durationOf(segment) / 1000).toFixed(5)},`, this.#segmentName(msn));
    });
    return `${lines.join('\n')}\n`;
  }

  #partLines({ parts }: Segment, msn: number): string[] {
    return parts.map(({ durationMs, independent }, part) => {
      const uri = `DURATION=${(durationMs / 1000).toFixed(5)},URI="${this.#partName(msn, part)}"`;
      return `#EXT-X-PART:${uri}${independent ? ',INDEPENDENT=YES' : ''}`;
    });
  }

  #segmentName(msn: number): string {
    return `${this.#options.prefix}-${msn}.m4s`;
  }

  #partName(msn: number, part: number): string {
    return `${this.#options.prefix}-${msn}.${part}.m4s`;
  }
}

function isComplete(segment: Segment, next: Fragment): boolean {
  const durationMs = durationOf(segment);
  return (next.independent && durationMs >= SEGMENT_MS - 1) || durationMs >= MAX_SEGMENT_MS;
}

function durationOf({ parts }: Segment): Millis {
  return parts.reduce((sum, { durationMs }) => sum + durationMs, 0);
}
