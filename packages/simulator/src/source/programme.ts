import { type Millis, type RenditionId, segmentKey } from '@freshet/protocol';
import type { VirtualClock } from '../clock/virtual-clock.ts';
import type { SourceSegment } from './source-segment.ts';

export interface ProgrammeOptions {
  readonly segmentMs: Millis;
  /** Segments in the playlist. */
  readonly window: number;
  /** One rendition for each rate, the lowest first. */
  readonly kbps: readonly number[];
}

/** Sizes of segments lie within this share of the mean, as with a variable bitrate. */
const SPREAD = 0.2;

/** A live programme in one or more aligned renditions. Each tick makes one segment of each. */
export class Programme {
  readonly options: ProgrammeOptions;
  readonly renditions: readonly RenditionId[];
  readonly #clock: VirtualClock;
  readonly #random: () => number;
  readonly #windows = new Map<RenditionId, readonly SourceSegment[]>();
  #msn = 0;
  publishedBytes = 0;

  constructor(clock: VirtualClock, random: () => number, options: ProgrammeOptions) {
    this.#clock = clock;
    this.#random = random;
    this.options = options;
    this.renditions = options.kbps.map((_, i) => i.toString(16).padStart(8, '0'));
    for (let i = options.window; i > 0; i--) this.#make(-i * options.segmentMs);
  }

  /** Each tick makes a new list, which all readers share. */
  windowOf(rendition: RenditionId): readonly SourceSegment[] {
    return this.#windows.get(rendition) ?? [];
  }

  get listed(): readonly SourceSegment[] {
    return this.renditions.flatMap((rendition) => this.windowOf(rendition));
  }

  start(publish: (segment: SourceSegment) => void): void {
    this.#clock.after(this.options.segmentMs, () => {
      for (const segment of this.#make(this.#clock.now - this.options.segmentMs)) {
        this.publishedBytes += segment.bytes;
        publish(segment);
      }
      this.start(publish);
    });
  }

  #make(startMs: Millis): readonly SourceSegment[] {
    const { segmentMs, kbps, window } = this.options;
    const msn = this.#msn++;
    return this.renditions.map((rendition, i) => {
      const scale = 1 + SPREAD * (2 * this.#random() - 1);
      const bytes = Math.round((((kbps[i] ?? 0) * segmentMs) / 8) * scale);
      const id = { epoch: 1, rendition, msn };
      const segment = { id, key: segmentKey(id), bytes, durationMs: segmentMs, startMs };
      this.#windows.set(rendition, [...this.windowOf(rendition), segment].slice(-window));
      return segment;
    });
  }
}
