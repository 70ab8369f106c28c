import type { LadderStep } from '../../config/ladder.ts';
import type { InputStreams } from './read-streams.ts';

/** What ffmpeg does with a source's streams. */
export interface CodingPlan {
  /** `copy`: as it comes. `none`: there is none, or only what is made of it is sent. */
  readonly video: 'copy' | 'none';
  /** The name under which copied video stands in MP4, where the usual one does not do. */
  readonly videoTag?: string;
  readonly audio: 'copy' | 'aac' | 'none';
  /** `parts`: fragments for low latency, as they are made. */
  readonly container: 'mpegts' | 'fmp4' | 'parts';
  /** Made of the picture, the largest first. */
  readonly ladder: readonly LadderStep[];
}

/** Before anything is known of a source. It is right for most: H.264 with AAC, radio in AAC or MP3. */
export function firstPlan(lowLatency: boolean): CodingPlan {
  return { video: 'copy', audio: 'copy', container: lowLatency ? 'parts' : 'mpegts', ladder: [] };
}

/** Video that browsers play only from fragmented MP4, where they play it at all. */
const IN_FMP4 = new Set(['hevc', 'av1', 'vp9']);
/** Sound that browsers play from a transport stream. */
const SOUND_IN_TS = new Set(['aac', 'mp3']);

/**
 * @param lowLatency make parts: of a picture that is copied, without a ladder
 * @param ladder that the operator asked for; what is larger than the picture is left out
 * @returns in words what a viewer's browser could not play, and what to do
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
  // Of a picture that cannot be copied something is made in any case, when anything was asked for.
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

/** Whether ffmpeg, run by the one plan, does what the other says: what is not there is not copied either. */
export function meets(run: CodingPlan, wanted: CodingPlan): boolean {
  return (
    run.container === wanted.container &&
    (wanted.video === 'none' ? wanted.ladder.length === 0 || run.video === 'none' : run.video === 'copy') &&
    (wanted.audio === 'none' || run.audio === wanted.audio) &&
    run.ladder.length === wanted.ladder.length &&
    // With several variants each must be named exactly.
    (wanted.ladder.length === 0 || run.audio === wanted.audio)
  );
}

/** Renditions that come out: the copy and what is made. */
export function variants({ video, ladder }: CodingPlan): readonly ('copy' | LadderStep)[] {
  return video === 'copy' && ladder.length > 0 ? ['copy', ...ladder] : ladder;
}

function copiesSound(audio: string, inFmp4: boolean): boolean {
  return inFmp4 ? audio === 'aac' : SOUND_IN_TS.has(audio);
}
