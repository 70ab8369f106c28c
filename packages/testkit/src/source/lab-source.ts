import { type Millis, type SegmentId, segmentKey } from '@freshet/protocol';
import type { SourceSegment, VirtualClock } from '@freshet/simulator';

export interface SourceOptions {
  readonly segmentMs: Millis;
  /** Mean size; each segment's lies within `spread` (0 to 1) of it. */
  readonly segmentBytes: number;
  readonly spread: number;
  /** Segments in the playlist. */
  readonly window: number;
  /** The number of parts in a segment, if the source makes parts. Absent: it makes segments. */
  readonly parts?: number;
}

/** About 440 kbit/s in segments of 2 s, ten in the playlist. */
export const SMALL_SOURCE: SourceOptions = {
  segmentMs: 2000,
  segmentBytes: 110_000,
  spread: 0.2,
  window: 10,
};

const RENDITION = '0badcafe';

/** A scripted live programme in one rendition: a new segment every `segmentMs`, numbered within an epoch. */
export class LabSource {
  readonly rendition = RENDITION;
  readonly options: SourceOptions;
  readonly #clock: VirtualClock;
  readonly #random: () => number;
  /** The latest segments, including those made while the server was down. */
  #made: SourceSegment[] = [];
  #epoch = 1;
  #msn = 0;
  /** Outages of the server may overlap. */
  #pauses = 0;
  #publish: (segment: SourceSegment) => void = () => undefined;
  publishedBytes = 0;

  constructor(clock: VirtualClock, random: () => number, options: SourceOptions) {
    this.#clock = clock;
    this.#random = random;
    this.options = options;
  }

  get window(): readonly SourceSegment[] {
    return this.#made.filter(({ id }) => id.epoch === this.#epoch);
  }

  /** Starts with a full window, whose last segment is published now. */
  start(publish: (segment: SourceSegment) => void): void {
    const { window, segmentMs } = this.options;
    for (let i = window; i > 0; i--) this.#make(this.#clock.now - i * segmentMs);
    this.#publish = publish;
    this.#clock.after(segmentMs, () => {
      this.#tick();
    });
  }

  /** The server is down: the programme continues, and nothing of it is published. */
  pause(): void {
    this.#pauses++;
  }

  /** The server is back and reads the source's window again: a new epoch, numbered from 0. */
  resume(): void {
    if (--this.#pauses > 0) return;
    this.#epoch++;
    this.#msn = 0;
    this.#made = this.#made.map((segment) => this.#numbered(segment));
    for (const segment of this.#made) this.#publish(segment);
  }

  #tick(): void {
    const segment = this.#make(this.#clock.now - this.options.segmentMs);
    if (this.#pauses === 0) {
      this.publishedBytes += segment.bytes;
      this.#publish(segment);
    }
    this.#clock.after(this.options.segmentMs, () => {
      this.#tick();
    });
  }

  #make(startMs: Millis): SourceSegment {
    const { segmentBytes, spread, segmentMs, window } = this.options;
    const bytes = Math.round(segmentBytes * (1 + spread * (2 * this.#random() - 1)));
    const segment = this.#numbered({ bytes, durationMs: segmentMs, startMs });
    this.#made.push(segment);
    if (this.#made.length > window) this.#made.shift();
    return segment;
  }

  #numbered(segment: Pick<SourceSegment, 'bytes' | 'durationMs' | 'startMs'>): SourceSegment {
    const number = this.#msn++;
    const { parts } = this.options;
    const place =
      parts === undefined ? { msn: number } : { msn: Math.floor(number / parts), part: number % parts };
    const id: SegmentId = { epoch: this.#epoch, rendition: RENDITION, ...place };
    const { bytes, durationMs, startMs } = segment;
    return { id, key: segmentKey(id), bytes, durationMs, startMs };
  }
}
