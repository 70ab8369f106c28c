/** A rendition that ffmpeg makes beside the source's own. */
export interface LadderStep {
  /** Of the picture, in pixels. */
  readonly height: number;
  /** Of its video, in kbit/s: what is usual for H.264 of that size. */
  readonly kbps: number;
}

/** By name, the largest first. */
export const LADDER = {
  '1080p': { height: 1080, kbps: 5000 },
  '720p': { height: 720, kbps: 2800 },
  '480p': { height: 480, kbps: 1400 },
  '360p': { height: 360, kbps: 800 },
  '240p': { height: 240, kbps: 400 },
} as const satisfies Record<string, LadderStep>;

/** @param text names with commas between them. @returns undefined when one is unknown or named twice; largest first */
export function readLadder(text: string): readonly LadderStep[] | undefined {
  const names = text.split(',').map((name) => name.trim());
  const known = Object.entries(LADDER).filter(([name]) => names.includes(name));
  return known.length === names.length ? known.map(([, step]) => step) : undefined;
}
