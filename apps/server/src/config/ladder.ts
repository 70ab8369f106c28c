/** A rendition that ffmpeg makes in addition to the source's own. */
export interface LadderStep {
  /** Height of the picture, in pixels. */
  readonly height: number;
  /** Bitrate of the video, in kbit/s: the usual value for H.264 of that size. */
  readonly kbps: number;
}

/** By name, largest first. */
export const LADDER = {
  '1080p': { height: 1080, kbps: 5000 },
  '720p': { height: 720, kbps: 2800 },
  '480p': { height: 480, kbps: 1400 },
  '360p': { height: 360, kbps: 800 },
  '240p': { height: 240, kbps: 400 },
} as const satisfies Record<string, LadderStep>;

/** @param text comma-separated names @returns the steps, largest first; undefined if a name is unknown or repeated */
export function readLadder(text: string): readonly LadderStep[] | undefined {
  const names = text.split(',').map((name) => name.trim());
  const known = Object.entries(LADDER).filter(([name]) => names.includes(name));
  return known.length === names.length ? known.map(([, step]) => step) : undefined;
}
