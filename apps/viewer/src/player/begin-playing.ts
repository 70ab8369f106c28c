/** Result of the attempt. `silent`: it plays muted. */
export type Beginning = 'playing' | 'silent' | 'refused' | 'interrupted';

/** The members used of a video element. */
export type Playable = Pick<HTMLMediaElement, 'muted' | 'play'>;

/**
 * Plays with sound unless `muted`, or muted if the browser refuses sound before a click. `interrupted`: a pause or
 * another source intervened; the element's own events report what follows.
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
