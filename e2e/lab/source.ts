import type { Page } from '@playwright/test';
import type Hls from 'hls.js';
import { pictureLatency } from '../bench/look.ts';
import type { SegmentSizes } from '../bench/segment-sizes.ts';
import { type Clip, makeClip } from '../src/harness/sources/clip.ts';
import type { Coding } from '../src/harness/sources/encoder.ts';
import { LiveOrigin } from '../src/harness/sources/live-origin.ts';
import { PartOrigin } from '../src/harness/sources/part-origin.ts';
import type { Reading } from '../src/harness/probe/reading.ts';
import { TIME_CODE } from '../src/harness/time-code/time-code.ts';

/**
 * 850 kbit/s with the container, as on the line of any stream, but with almost nothing to decode: two cores play it in
 * six browsers. The picture is only the time code; the rest of the rate is fill data.
 */
const SEGMENTS_CODING: Coding = {
  videoKbps: 824,
  framesPerSecond: 5,
  width: TIME_CODE.bits * TIME_CODE.cellWidth,
  height: 2 * TIME_CODE.cellHeight,
  filled: true,
  soundKbps: 0,
};
const PARTS_KBPS = 850;

/** The stream of one group, and how it is measured. */
export interface Source {
  readonly url: string;
  readonly serverArgs: readonly string[];
  /** Bytes of all media published so far. */
  readonly publishedBytes: number;
  /** How far a page is behind live, in seconds. */
  readonly latency: (page: Page) => Promise<number | undefined>;
  /** Bytes that these players took into their buffers. */
  readonly bufferedBytes: (readings: readonly Reading[], sizes: SegmentSizes) => number;
  readonly close: () => Promise<void>;
}

/** 2 s segments, 10 in the playlist. @param seconds least length of the stream. */
export async function segmentSource(seconds: number): Promise<Source> {
  const origin = await LiveOrigin.start(await segmentClip(seconds));
  return {
    url: origin.url,
    serverArgs: [],
    get publishedBytes() {
      return origin.publishedBytes;
    },
    latency: (page) => pictureLatency(page, origin),
    bufferedBytes: (readings, sizes) =>
      sizes.sum(readings.flatMap(({ bufferedSegments }) => bufferedSegments)),
    close: () => origin.close(),
  };
}

/** Made once, and kept from then on. */
export function segmentClip(seconds: number): Promise<Clip> {
  return makeClip(seconds, SEGMENTS_CODING);
}

/** Low-latency HLS: 4 s segments in parts of 0.5 s. */
export async function partSource(seconds: number): Promise<Source> {
  const origin = await PartOrigin.start(seconds, PARTS_KBPS);
  return {
    url: origin.url,
    serverArgs: ['--low-latency', 'on'],
    get publishedBytes() {
      return origin.publishedBytes;
    },
    latency: dateLatency,
    bufferedBytes: (readings) => readings.reduce((sum, { loadedBytes }) => sum + loadedBytes, 0),
    close: () => origin.close(),
  };
}

/** By the stream's EXT-X-PROGRAM-DATE-TIME, the time when a picture was filmed. Source and page share one clock. */
function dateLatency(page: Page): Promise<number | undefined> {
  return page.evaluate(() => {
    const player = document.querySelector('freshet-player') as { hls?: Hls } | null;
    const shown = (player?.hls ?? (globalThis as { hls?: Hls }).hls)?.playingDate;
    return shown == null ? undefined : (Date.now() - shown.getTime()) / 1000;
  });
}
