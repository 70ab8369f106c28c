import type { LadderStep } from '../../config/ladder.ts';
import type { InputStreams } from './read-streams.ts';

/** What ffmpeg does with a source's streams. */
export interface CodingPlan {
  /** `copy`: unchanged. `none`: the source has no video, or only the renditions made from it are sent. */
  readonly video: 'copy' | 'none';
  /** MP4 sample entry name of copied video, where the default does not work. */
  readonly videoTag?: string;
  readonly audio: 'copy' | 'aac' | 'none';
  /** `parts`: low-latency fragments, sent as they are made. */
  readonly container: 'mpegts' | 'fmp4' | 'parts';
  /** Renditions made from the video, the largest first. */
  readonly ladder: readonly LadderStep[];
}

/** The plan before anything is known of a source. It fits most: H.264 with AAC, radio in AAC or MP3. */
export function firstPlan(lowLatency: boolean): CodingPlan {
  return { video: 'copy', audio: 'copy', container: lowLatency ? 'parts' : 'mpegts', ladder: [] };
}

/** Video that browsers play only from fragmented MP4, where they play it at all. */
const IN_FMP4 = new Set(['hevc', 'av1', 'vp9']);
/** Audio that browsers play from a transport stream. */
const SOUND_IN_TS = new Set(['aac', 'mp3']);

/**
 * Decides how to code a source.
 * @param lowLatency make parts, but only from copied video without a ladder
 * @param ladder that the operator asked for; steps larger than the video are left out
 * @returns a plan, or in words what browsers could not play and what to do
 */
export function codingPlan(
  { video, audio, height = Infinity }: InputStreams,
  ladder: readonly LadderStep[] = [],
  lowLatency = false,
): CodingPlan | { readonly problem: string } {
  if (video === undefined && audio === undefined)
    return { problem: 'the source has neither video nor audio' };
  const inFmp4 = video !== undefined && IN_FMP4.has(video);
  const copied = video === 'h264' || inFmp4;
  const lower = ladder.filter((step) => (copied ? step.height < height : step.height <= height));
  // Video that cannot be copied gets at least one rendition if the operator asked for any.
  const made = copied || lower.length > 0 ? lower : ladder.slice(-1);
  if (video !== undefined && !copied && made.length === 0)
    return {
      problem: `the source's video codec is ${video}, which browsers do not play: encode it as H.264, or use --transcode`,
    };
  const inParts = lowLatency && copied && made.length === 0;
  return {
    video: copied ? 'copy' : 'none',
    // Apple's players take H.265 under this name only.
    ...(video === 'hevc' && { videoTag: 'hvc1' }),
    audio: audio === undefined ? 'none' : copiesSound(audio, inFmp4 || inParts) ? 'copy' : 'aac',
    container: inParts ? 'parts' : inFmp4 ? 'fmp4' : 'mpegts',
    ladder: video === undefined ? [] : made,
  };
}

/** Whether ffmpeg, run by one plan, does what the other asks for. A stream that does not exist is not copied either. */
export function meets(run: CodingPlan, wanted: CodingPlan): boolean {
  return (
    run.container === wanted.container &&
    (wanted.video === 'none' ? wanted.ladder.length === 0 || run.video === 'none' : run.video === 'copy') &&
    (wanted.audio === 'none' || run.audio === wanted.audio) &&
    run.ladder.length === wanted.ladder.length &&
    // With several variants, each stream must be named exactly.
    (wanted.ladder.length === 0 || run.audio === wanted.audio)
  );
}

/** The renditions that result: the copy, and those made from the video. */
export function variants({ video, ladder }: CodingPlan): readonly ('copy' | LadderStep)[] {
  return video === 'copy' && ladder.length > 0 ? ['copy', ...ladder] : ladder;
}

function copiesSound(audio: string, inFmp4: boolean): boolean {
  return inFmp4 ? audio === 'aac' : SOUND_IN_TS.has(audio);
}
