import type { LadderStep } from '../../config/ladder.ts';
import { boundUdp, type SourceKind } from '../../config/source-kind.ts';
import { type CodingPlan, variants } from './coding-plan.ts';
import { LIVE_FILE, UPLOAD_HEADER } from './ingest-receiver.ts';
import { PART_MS } from './part-packager.ts';

export interface FfmpegJob {
  readonly kind: Exclude<SourceKind, 'hls'>;
  readonly url: string;
  readonly plan: CodingPlan;
  /** Address to upload to; ends in a slash. */
  readonly output: string;
  /** Number of this run of ffmpeg, so that files of two runs have different names. */
  readonly run: number;
}

/** The usual duration of HLS segments. With copied video, the encoder's keyframes determine it. */
const SEGMENT_SECONDS = 2;
const LISTED_SEGMENTS = 6;
/** How long ffmpeg waits for streams that a container announces but does not send. Its default of 5 s delays radio. */
const ANALYSE_US = 3_000_000;
/** How long ffmpeg waits for our response. */
const UPLOAD_TIMEOUT_SECONDS = 10;
const AUDIO_BITRATE = '128k';

/** Formats that hold media themselves. Playlists are excluded: one could lead ffmpeg to files of this machine. */
const MEDIA_FORMATS =
  'aac,ac3,avi,eac3,flac,flv,h264,hevc,matroska,webm,mov,mp4,m4a,3gp,3g2,mj2,mp3,mpeg,mpegts,mpegvideo,ogg,wav';

/** See `ChildOptions.descriptor`. */
const SECRET_DESCRIPTOR = 3;

/** The ffmpeg arguments that turn a source into HLS and upload it to us. */
export function ffmpegArguments(job: FfmpegJob): string[] {
  const { plan, output } = job;
  const several = plan.ladder.length > 0;
  return [
    ...['-hide_banner', '-nostats', '-loglevel', 'level+info'],
    ...(job.kind === 'http' ? [] : ['-nostdin']),
    ...inputArguments(job),
    ...(several ? ladderArguments(plan) : streamArguments(plan)),
    // More options of the output, read from a file: arguments are no place for a secret.
    ...['-fpre', `/dev/fd/${SECRET_DESCRIPTOR}`],
    ...(plan.container === 'parts' ? partArguments(plan, output) : hlsArguments(job)),
  ];
}

/** One endless upload, which this server packages itself: ffmpeg would hold a segment back until it is complete. */
function partArguments({ audio }: CodingPlan, output: string): string[] {
  return [
    // AAC as in a transport stream does not fit into MP4.
    ...(audio === 'copy' ? ['-bsf:a', 'aac_adtstoasc'] : []),
    ...['-f', 'mp4', '-movflags', '+frag_keyframe+delay_moov+default_base_moof'],
    ...[
      '-frag_duration',
      String(PART_MS * 1000),
      '-flush_packets',
      '1',
      '-method',
      'PUT',
      output + LIVE_FILE,
    ],
  ];
}

function hlsArguments({ plan, output, run }: FfmpegJob): string[] {
  const several = plan.ladder.length > 0;
  const extension = plan.container === 'fmp4' ? 'm4s' : 'ts';
  const prefix = several ? `run${run}-v%v` : `run${run}`;
  return [
    ...['-f', 'hls', '-hls_time', String(SEGMENT_SECONDS), '-hls_list_size', String(LISTED_SEGMENTS)],
    // No end of the list, because ffmpeg is started again.
    ...['-hls_flags', 'omit_endlist+independent_segments+program_date_time'],
    ...['-method', 'PUT', '-http_persistent', '1', '-timeout', String(UPLOAD_TIMEOUT_SECONDS)],
    ...['-hls_segment_type', plan.container, '-hls_fmp4_init_filename', `${prefix}-init.mp4`],
    ...['-hls_segment_filename', `${output}${prefix}-%d.${extension}`],
    output + (several ? variantPlaylist('%v') : UPLOADED_PLAYLIST),
  ];
}

/** What the file at `SECRET_DESCRIPTOR` has to contain. */
export function secretOptions(secret: string): string {
  return `headers=${UPLOAD_HEADER}: ${secret}\n`;
}

/** The stream's own playlist, and that of one variant if there are several. */
export const UPLOADED_PLAYLIST = 'index.m3u8';
export function variantPlaylist(index: number | '%v'): string {
  return `v${index}.m3u8`;
}

function streamArguments({ video, videoTag, audio }: CodingPlan): string[] {
  return [
    ...(video === 'none' ? [] : ['-map', '0:V:0?', '-c:v', 'copy']),
    ...(videoTag === undefined ? [] : ['-tag:v', videoTag]),
    ...(audio === 'none' ? [] : ['-map', '0:a:0?', ...soundArguments(audio)]),
  ];
}

function soundArguments(audio: 'copy' | 'aac'): string[] {
  return audio === 'copy' ? ['-c:a', 'copy'] : ['-c:a', 'aac', '-b:a', AUDIO_BITRATE, '-ac', '2'];
}

/** Each variant has its own video and the same audio. */
function ladderArguments(plan: CodingPlan): string[] {
  const { audio } = plan;
  const made = variants(plan);
  const pictures = made.flatMap((variant, i) => [
    ...['-map', '0:V:0', `-c:v:${i}`],
    ...(variant === 'copy' ? copied(plan, i) : encoded(variant, i, plan.video === 'copy')),
  ]);
  const sounds = audio === 'none' ? [] : [...made.flatMap(() => ['-map', '0:a:0']), ...soundArguments(audio)];
  const map = made.map((_, i) => (audio === 'none' ? `v:${i}` : `v:${i},a:${i}`));
  return [...pictures, ...sounds, '-var_stream_map', map.join(' ')];
}

function copied({ videoTag }: CodingPlan, i: number): string[] {
  return ['copy', ...(videoTag === undefined ? [] : [`-tag:v:${i}`, videoTag])];
}

/** @param besideCopy put keyframes where the source has them, so that segments of all variants begin together */
function encoded({ height, kbps }: LadderStep, i: number, besideCopy: boolean): string[] {
  const keyframes = besideCopy ? 'source' : `expr:gte(t,n_forced*${SEGMENT_SECONDS})`;
  return [
    ...['libx264', `-preset:v:${i}`, 'veryfast', `-filter:v:${i}`, `scale=-2:${height},format=yuv420p`],
    ...[`-b:v:${i}`, `${kbps}k`, `-maxrate:v:${i}`, `${kbps}k`, `-bufsize:v:${i}`, `${2 * kbps}k`],
    ...[`-g:v:${i}`, '1000', `-sc_threshold:v:${i}`, '0', `-force_key_frames:v:${i}`, keyframes],
  ];
}

/** Each kind of source may use only its own protocols. */
function inputArguments({ kind, url }: FfmpegJob): string[] {
  const common = ['-fflags', '+genpts', '-analyzeduration', String(ANALYSE_US)];
  const allow = (protocols: string) => ['-protocol_whitelist', protocols];
  switch (kind) {
    case 'http':
      // This server reads it, because it checks where redirects lead.
      return [...common, ...allow('pipe'), '-format_whitelist', MEDIA_FORMATS, '-i', 'pipe:0'];
    case 'file':
      return [
        ...['-re', '-stream_loop', '-1', ...common, ...allow('file')],
        ...['-format_whitelist', MEDIA_FORMATS, '-i', url],
      ];
    case 'rtmp':
      return [...common, ...allow('rtmp,rtmps,tcp,tls'), '-i', url];
    case 'rtsp':
      return [
        ...[...common, ...allow('rtsp,rtsps,rtp,srtp,udp,tcp,tls'), '-rtsp_flags', 'prefer_tcp'],
        ...['-i', url],
      ];
    case 'srt':
      return [...common, ...allow('srt'), '-f', 'mpegts', '-i', url];
    case 'udp':
      return [...common, ...allow('udp'), '-f', 'mpegts', '-i', boundUdp(url)];
  }
}
