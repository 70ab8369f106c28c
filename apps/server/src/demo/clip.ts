import { readFile } from 'node:fs/promises';
import { trackTimescales } from '../mp4/track-timescales.ts';

/** The clip that the demo stream loops, made by scripts/make-demo-clip.sh. */
export interface Clip {
  readonly init: Buffer;
  readonly segments: readonly Buffer[];
  readonly timescales: ReadonlyMap<number, number>;
  /** All segments have the same duration. */
  readonly segmentSeconds: number;
  readonly durationSeconds: number;
  /** Attributes for a multivariant playlist. `bandwidth`: the largest segment's bitrate, in bit/s. */
  readonly bandwidth: number;
  readonly averageBandwidth: number;
  readonly codecs: string;
  readonly resolution: string;
  readonly frameRate: number;
}

/** Resolves from src/ and from dist/. */
const FOLDER = new URL('../../assets/demo/', import.meta.url);
const SEGMENTS = 8;
const SEGMENT_SECONDS = 2;

/** @throws the file system's error when the clip is missing: the installation is broken. */
export async function loadClip(): Promise<Clip> {
  const names = Array.from({ length: SEGMENTS }, (_, index) => `${index}.m4s`);
  const [init, ...segments] = await Promise.all(
    ['init.mp4', ...names].map((name) => readFile(new URL(name, FOLDER))),
  );
  if (init === undefined) throw new Error('unreachable: init.mp4 was read first');
  const bits = segments.map((segment) => segment.length * 8);
  return {
    init,
    segments,
    timescales: trackTimescales(init),
    segmentSeconds: SEGMENT_SECONDS,
    durationSeconds: SEGMENTS * SEGMENT_SECONDS,
    bandwidth: Math.ceil(Math.max(...bits) / SEGMENT_SECONDS),
    averageBandwidth: Math.ceil(bits.reduce((sum, b) => sum + b, 0) / (SEGMENTS * SEGMENT_SECONDS)),
    codecs: 'avc1.4d401f,mp4a.40.2',
    resolution: '960x540',
    frameRate: 25,
  };
}
