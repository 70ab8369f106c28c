import type { Millis } from '@freshet/protocol';
import type { RenditionBuffer } from '../buffer/rendition-buffer.ts';
import { type RenditionAttributes, renditionId } from '../buffer/rendition-id.ts';
import type { StoredInit } from '../buffer/stored-segment.ts';
import type { Feed, LiveStream } from '../stream/live-stream.ts';
import type { Clip } from './clip.ts';
import { retime } from './retime.ts';

/** Segments that the playlist lists. */
export const DEMO_WINDOW = 10;

/**
 * Start of the demo's timeline, in milliseconds since 1970. Counting from here and not from the server's start lets a
 * restarted server continue where the old one stopped; counting from 1970 would give needlessly long numbers.
 */
const TIMELINE_START = Date.UTC(2026, 0, 1);

export interface DemoFeedOptions {
  readonly stream: LiveStream;
  readonly clip: Clip;
  /** Milliseconds since 1970, by a clock that never jumps. */
  readonly now: () => Millis;
}

/**
 * Loops the clip for ever in real time, as an encoder would: each segment is published when its last frame would have
 * been filmed, on one continuous timeline. The counter in the picture is the wall clock's seconds modulo 16.
 */
export class DemoFeed implements Feed {
  readonly #clip: Clip;
  readonly #now: () => Millis;
  readonly #start: Millis;
  readonly #rendition: RenditionBuffer;
  readonly #init: StoredInit;
  /** Number of the next segment on the timeline, which is also its media sequence number. */
  #next: number;
  /** How far the timeline lags behind the clock because the process was suspended. */
  #behindMs = 0;
  #timer: NodeJS.Timeout | undefined;

  /** Publishes a full window at once, so that the first viewer finds as much as later ones. */
  constructor({ stream, clip, now }: DemoFeedOptions) {
    this.#clip = clip;
    this.#now = now;
    // A machine without a clock reports 1970: it gets the longer numbers.
    this.#start = now() < TIMELINE_START ? 0 : TIMELINE_START;
    const attributes: RenditionAttributes = {
      type: 'video',
      bandwidth: clip.bandwidth,
      codecs: clip.codecs,
      resolution: clip.resolution,
      frameRate: clip.frameRate,
    };
    this.#rendition = stream.buffer.declareRendition(renditionId(attributes), attributes);
    this.#rendition.setHeader([
      '#EXT-X-VERSION:7',
      `#EXT-X-TARGETDURATION:${clip.segmentSeconds}`,
      '#EXT-X-INDEPENDENT-SEGMENTS',
    ]);
    this.#init = this.#rendition.putInit(clip.init, 'video/mp4');
    this.#next = Math.max(0, this.#dueBy() - DEMO_WINDOW);
    this.publishDue();
  }

  /** Continues to publish until `stop`. */
  run(): void {
    this.#timer = setTimeout(() => {
      this.publishDue();
      this.run();
    }, this.#waitMs());
  }

  /**
   * Publishes what is due by now. If it is behind by more than the window because the process was suspended, the stream
   * continues where it was, with the delay added: a burst of old segments would be useless.
   */
  publishDue(): void {
    const late = this.#dueBy() - this.#next;
    if (late > DEMO_WINDOW) this.#behindMs += late * this.#segmentMs;
    for (const end = this.#dueBy(); this.#next < end; this.#next++) this.#publish(this.#next);
  }

  stop(): Promise<void> {
    clearTimeout(this.#timer);
    return Promise.resolve();
  }

  get #segmentMs(): number {
    return this.#clip.segmentSeconds * 1000;
  }

  get #position(): Millis {
    return this.#now() - this.#start - this.#behindMs;
  }

  /** Number of the first segment that is not complete yet. */
  #dueBy(): number {
    return Math.floor(this.#position / this.#segmentMs);
  }

  #waitMs(): Millis {
    return Math.max(0, (this.#next + 1) * this.#segmentMs - this.#position);
  }

  #publish(msn: number): void {
    const clip = this.#clip;
    const loop = Math.floor(msn / clip.segments.length);
    const segment = clip.segments[msn % clip.segments.length];
    if (segment === undefined) throw new RangeError(`the clip has no segment for ${msn}`);
    const startsAt = this.#start + this.#behindMs + msn * this.#segmentMs;
    this.#rendition.append({
      msn,
      data: retime(segment, {
        seconds: loop * clip.durationSeconds,
        sequenceNumber: msn,
        timescales: clip.timescales,
      }),
      contentType: 'video/mp4',
      extension: 'm4s',
      durationMs: this.#segmentMs,
      init: this.#init,
      lines: [
        `#EXT-X-PROGRAM-DATE-TIME:${new Date(startsAt).toISOString()}`,
        `#EXTINF:${clip.segmentSeconds.toFixed(3)},`,
      ],
    });
    this.#rendition.advertiseFrom(msn - DEMO_WINDOW + 1);
  }
}
