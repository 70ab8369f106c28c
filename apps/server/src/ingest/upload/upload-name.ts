/** Names that encoders give their files: folders for renditions, no dot files, nothing that needs decoding. */
const PART = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,99}$/;
const MAX_PARTS = 3;
const PLAYLIST = /\.m3u8?$/i;
const MEDIA = /\.(?:ts|m2ts|mp4|m4s|m4v|m4a|cmf[vat]|aac|mp3|ac3|ec3|vtt|webvtt)$/i;

/** Uploaded beside HLS: the DASH manifest of the same segments. */
const OTHER = /\.mpd$/i;

/** `other` is accepted and discarded: an encoder may stop when it is refused. */
export type UploadKind = 'playlist' | 'media' | 'other';

/** @param name the path after the stream's address, without a leading slash. @returns undefined for a refused name */
export function uploadKind(name: string): UploadKind | undefined {
  const parts = name.split('/');
  if (parts.length > MAX_PARTS || !parts.every((part) => PART.test(part))) return undefined;
  if (PLAYLIST.test(name)) return 'playlist';
  if (OTHER.test(name)) return 'other';
  return MEDIA.test(name) ? 'media' : undefined;
}
