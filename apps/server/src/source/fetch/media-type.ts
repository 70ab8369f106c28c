import { SourceFault } from '../../stream/source-fault.ts';

/** How a segment is served. */
export interface MediaType {
  readonly contentType: string;
  readonly extension: string;
}

const TYPES = {
  ts: { contentType: 'video/mp2t', extension: 'ts' },
  mp4: { contentType: 'video/mp4', extension: 'm4s' },
  m4a: { contentType: 'audio/mp4', extension: 'm4a' },
  aac: { contentType: 'audio/aac', extension: 'aac' },
  mp3: { contentType: 'audio/mpeg', extension: 'mp3' },
  ac3: { contentType: 'audio/ac3', extension: 'ac3' },
  vtt: { contentType: 'text/vtt', extension: 'vtt' },
  bytes: { contentType: 'application/octet-stream', extension: 'bin' },
} as const satisfies Record<string, MediaType>;

/** A map, because an object also has names such as `constructor`. */
const BY_EXTENSION: ReadonlyMap<string, MediaType> = new Map(
  Object.entries<MediaType>({
    ...{ ts: TYPES.ts, m2ts: TYPES.ts, aac: TYPES.aac, mp3: TYPES.mp3, ac3: TYPES.ac3, ec3: TYPES.ac3 },
    ...{ mp4: TYPES.mp4, m4s: TYPES.mp4, m4v: TYPES.mp4, cmfv: TYPES.mp4, m4a: TYPES.m4a, cmfa: TYPES.m4a },
    ...{ vtt: TYPES.vtt, webvtt: TYPES.vtt },
  }),
);
const BOXES = new Set(['ftyp', 'styp', 'moof', 'moov', 'sidx', 'emsg', 'prft', 'free', 'skip', 'mdat']);

/**
 * Detects a segment's media type by its bytes. The source's Content-Type is ignored: an HTML page served from our
 * origin would run with the rights of our pages.
 * @param encrypted use the extension in the URL, since the bytes show nothing. @throws SourceFault on anything but
 * media
 */
export function mediaType(
  data: Buffer,
  url: string,
  { encrypted, audio }: { readonly encrypted: boolean; readonly audio: boolean },
): MediaType {
  const extension = /\.([a-z0-9]+)$/i.exec(new URL(url).pathname)?.[1]?.toLowerCase() ?? '';
  const named = BY_EXTENSION.get(extension) ?? TYPES.bytes;
  const type = encrypted ? named : sniff(data);
  if (type === undefined) throw new SourceFault('not-media', 'the segment is not in an HLS media format');
  return audio && type === TYPES.mp4 ? TYPES.m4a : type;
}

/** Whether the bytes show that they are media. Wholly encrypted media does not. */
export function looksLikeMedia(data: Buffer): boolean {
  return sniff(data) !== undefined;
}

function sniff(data: Buffer): MediaType | undefined {
  // Packed audio starts with a tag that carries its timestamp (RFC 8216, 3.4).
  if (data.toString('latin1', 0, 3) === 'ID3') return sniffBare(data.subarray(id3Length(data))) ?? TYPES.aac;
  return sniffBare(data);
}

function sniffBare(data: Buffer): MediaType | undefined {
  const [first = 0, second = 0] = data;
  if (BOXES.has(data.toString('latin1', 4, 8))) return TYPES.mp4;
  if (first === 0x47 && (data.length === 188 || data[188] === 0x47)) return TYPES.ts;
  if (first === 0x0b && second === 0x77) return TYPES.ac3;
  if (first === 0xff && (second & 0xf6) === 0xf0) return TYPES.aac;
  if (first === 0xff && (second & 0xe0) === 0xe0 && second !== 0xff) return TYPES.mp3;
  return /^\uFEFF?WEBVTT/.test(data.toString('utf8', 0, 12)) ? TYPES.vtt : undefined;
}

function id3Length(data: Buffer): number {
  return [6, 7, 8, 9].reduce((sum, at) => sum * 128 + ((data[at] ?? 0) & 0x7f), 0) + 10;
}
