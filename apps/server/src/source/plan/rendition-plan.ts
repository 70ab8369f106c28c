import type { Millis } from '@freshet/protocol';
import type { Place } from '../../stream/numbering.ts';
import { withExplicitIv } from '../playlist/explicit-iv.ts';
import type { MediaList, SourceSegment } from '../playlist/media-list.ts';
import { judgeList, type Judgement, type LoadedList } from './list-judge.ts';
import type { QueuedSegment } from './segment-queue.ts';
import type { Generation, StreamTimeline } from './stream-timeline.ts';

/** What a list adds, in our numbers. */
export interface Step {
  /** New segments, oldest first. */
  readonly added: readonly QueuedSegment[];
  /** `added` begins another encoding. */
  readonly restarted: boolean;
  /** The list had ended when it was first read: it is a recording, and `added` is all of it. */
  readonly recording: boolean;
  /** The list's segments, new and old. */
  readonly listed: readonly { readonly msn: number; readonly source: SourceSegment }[];
  /** Our number of the oldest segment that the source lists. */
  readonly from: number;
}

/** Maps the lists of one rendition's source to places in our playlist. No I/O; the time is in the lists. */
export class RenditionPlan {
  readonly #timeline: StreamTimeline;
  readonly #firstWindowMs: Millis;
  #generation: Generation = { epoch: 0, msnOffset: 0, timelineOffset: 0 };
  #generationStart = 0;
  #before: LoadedList | undefined;
  #behindSince: Millis | undefined;
  #last: Place | undefined;
  #windowLength = 1;

  /** @param firstWindowMs media taken from the first list: its newest segments */
  constructor(timeline: StreamTimeline, firstWindowMs: Millis) {
    this.#timeline = timeline;
    this.#firstWindowMs = firstWindowMs;
  }

  /** Segments that our playlist should list: as many as the source's does in its steady state. */
  get windowLength(): number {
    return this.#windowLength;
  }

  /** The last accepted list. */
  get before(): MediaList | undefined {
    return this.#before?.list;
  }

  /** Converts one of the source's media sequence numbers to ours, in the current generation. */
  toOurs(sourceMsn: number): number {
    return sourceMsn + this.#generation.msnOffset;
  }

  /**
   * Place of the segment after the last one of the accepted list.
   * @param steps discontinuities between the two
   */
  placeAfter(list: MediaList, steps: number): (Place & { readonly epoch: number }) | undefined {
    const newest = list.segments.at(-1);
    if (newest === undefined || this.#last?.msn !== this.toOurs(newest.msn)) return undefined;
    const { msn, timeline } = this.#last;
    return { msn: msn + 1, epoch: this.#generation.epoch, timeline: timeline + steps };
  }

  judge(loaded: LoadedList): Judgement {
    if (this.#before === undefined) return 'advanced';
    const judgement = judgeList(this.#before, loaded, this.#behindSince);
    this.#behindSince = judgement === 'stale' ? (this.#behindSince ?? loaded.loadedAt) : undefined;
    return judgement;
  }

  /** Accepts a list after `judge`. A stale one must not be passed. */
  take(loaded: LoadedList, judgement: 'unchanged' | 'advanced' | 'restarted'): Step {
    const { segments } = loaded.list;
    const first = segments[0];
    const restarted = judgement === 'restarted' && first !== undefined;
    if (restarted) this.#restart(first);
    const last = segments.at(-1);
    if (this.#before === undefined && first !== undefined && last !== undefined)
      this.#generation = this.#timeline.begin(first, last);
    const recording = this.#before === undefined && loaded.list.ended && first !== undefined;
    const known = restarted ? undefined : this.#before?.list.segments.at(-1)?.msn;
    const fresh =
      known === undefined ? this.#newest(segments, recording) : segments.filter(({ msn }) => msn > known);
    const added: QueuedSegment[] = [];
    for (const segment of fresh) added.push(this.#place(segment, loaded.list));
    // An unchanged list is a later copy of the same one. Its time must not hide how long nothing new has arrived.
    if (first !== undefined && (judgement !== 'unchanged' || this.#before === undefined))
      this.#before = loaded;
    this.#measureWindow(segments);
    return {
      added,
      restarted,
      recording,
      listed: segments.map((source) => ({ msn: this.toOurs(source.msn), source })),
      from: this.toOurs(first?.msn ?? 0),
    };
  }

  #restart(first: SourceSegment): void {
    const last = this.#last ?? { msn: -1, timeline: -1 };
    this.#generation = this.#timeline.enter(this.#generation, first, last);
    this.#generationStart = first.msn;
  }

  #newest(segments: readonly SourceSegment[], recording: boolean): readonly SourceSegment[] {
    let heldMs = recording ? Number.NEGATIVE_INFINITY : 0;
    const cut = segments.findLastIndex(({ durationMs }) => (heldMs += durationMs) > this.#firstWindowMs);
    // The newest segment is taken however long it is.
    const fresh = segments.slice(Math.min(cut + 1, Math.max(0, segments.length - 1)));
    if (this.#before === undefined) this.#generationStart = segments[0]?.msn ?? 0;
    return fresh;
  }

  #place(source: SourceSegment, list: MediaList): QueuedSegment {
    const { epoch, timelineOffset } = this.#generation;
    const msn = this.toOurs(source.msn);
    const absolute = source.timeline + timelineOffset;
    const last = this.#last;
    let timeline = absolute;
    if (last !== undefined && last.msn >= this.toOurs(this.#generationStart)) {
      // Many packagers drop EXT-X-DISCONTINUITY tags without counting them: then only the tags in between are reliable.
      const before = list.segments[source.msn - 1 - (list.segments[0]?.msn ?? 0)];
      const steps = before === undefined ? 0 : source.timeline - before.timeline;
      timeline = Math.max(last.timeline + steps, list.numbersTimelines ? absolute : 0);
    }
    this.#last = { msn, timeline };
    this.#timeline.note(this.#last);
    return { msn, epoch, timeline, source: { ...source, keys: withExplicitIv(source, msn) } };
  }

  /** After a restart a list grows from nothing. Until its start moves, the former length is the better measure. */
  #measureWindow(segments: readonly SourceSegment[]): void {
    const first = segments[0];
    if (first === undefined) return;
    this.#windowLength =
      first.msn > this.#generationStart ? segments.length : Math.max(this.#windowLength, segments.length);
  }
}
