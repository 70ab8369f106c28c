/** What became of the attempt: `silent` plays muted only because the browser allows no sound yet. */
export type Beginning = 'playing' | 'silent' | 'refused' | 'interrupted';

/** The part of a video element that is needed. */
export type Playable = Pick<HTMLMediaElement, 'muted' | 'play'>;

/**
 * Plays with sound unless `muted`; where the browser refuses sound before a click, muted.
 * `interrupted`: a pause or another source came between; the element's own events tell how it goes on.
 */
export async function beginPlaying(video: Playable, muted: boolean): Promise<Beginning> {
  video.muted = muted;
  const first = await attempt(video);
  if (first !== 'refused' || muted) return first === 'playing' && muted ? 'silent' : first;
  video.muted = true;
  const second = await attempt(video);
  return second === 'playing' ? 'silent' : second;
}

async function attempt(video: Playable): Promise<'playing' | 'refused' | 'interrupted'> {
  try {
    await video.play();
    return 'playing';
  } catch (error) {
    return error instanceof Error && error.name === 'NotAllowedError' ? 'refused' : 'interrupted';
  }
}
