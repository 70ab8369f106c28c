import type { InputStreams } from './read-streams.ts';

/** What ffmpeg does with a source's streams. */
export interface CodingPlan {
  /** `copy`: as they come. `none`: left out. */
  readonly video: 'copy' | 'none';
  readonly audio: 'copy' | 'aac' | 'none';
  readonly container: 'mpegts' | 'fmp4';
}

/** Before anything is known of a source. It is right for most: H.264 with AAC, radio in AAC or MP3. */
export const FIRST_PLAN: CodingPlan = { video: 'copy', audio: 'copy', container: 'mpegts' };

/** Video that browsers play only from fragmented MP4, where they play it at all. */
const IN_FMP4 = new Set(['hevc', 'av1', 'vp9']);
/** Sound that browsers play from a transport stream. */
const SOUND_IN_TS = new Set(['aac', 'mp3']);

/** @returns in words what a viewer's browser could not play, and what to do */
export function codingPlan({ video, audio }: InputStreams): CodingPlan | { readonly problem: string } {
  if (video === undefined && audio === undefined)
    return { problem: 'the source has neither picture nor sound' };
  const inFmp4 = video !== undefined && IN_FMP4.has(video);
  if (video !== undefined && video !== 'h264' && !inFmp4)
    return {
      problem: `the source's video is ${video}, which browsers do not play: have it encoded as H.264`,
    };
  return {
    video: video === undefined ? 'none' : 'copy',
    audio: audio === undefined ? 'none' : copiesSound(audio, inFmp4) ? 'copy' : 'aac',
    container: inFmp4 ? 'fmp4' : 'mpegts',
  };
}

/** Whether ffmpeg, run by the one plan, does what the other says: what is not there is not copied either. */
export function meets(run: CodingPlan, wanted: CodingPlan): boolean {
  return (
    run.container === wanted.container &&
    (wanted.video === 'none' || run.video === wanted.video) &&
    (wanted.audio === 'none' || run.audio === wanted.audio)
  );
}

function copiesSound(audio: string, inFmp4: boolean): boolean {
  return inFmp4 ? audio === 'aac' : SOUND_IN_TS.has(audio);
}
