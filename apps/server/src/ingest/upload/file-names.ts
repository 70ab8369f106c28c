import { readAttributes } from '../../source/playlist/attribute-list.ts';

/** A host that is never contacted: addresses in an uploaded playlist that name another host are ignored. */
export const UPLOAD_HOST = 'http://upload.invalid/';
/** A number with more digits is not a counter. */
const MAX_DIGITS = 15;

interface ListedFile {
  /** As written in the playlist. */
  readonly uri: string;
  readonly name: string;
}

/** The files that a media playlist names. */
export interface FileNames {
  /** From the last EXT-X-MAP. */
  readonly init: string | undefined;
  /** Each with the index of its first line: its EXTINF, or the URI if there is none. */
  readonly segments: readonly (ListedFile & { readonly line: number })[];
  /** The file that the encoder most likely uploads next. */
  readonly next: ListedFile | undefined;
}

/** @param playlist its own name; other names are relative to it */
export function fileNames(lines: readonly string[], playlist: string): FileNames {
  const named = (uri: string) => ({ uri, name: uploadedName(uri, playlist) ?? '' });
  const map = lines.findLast((line) => line.startsWith('#EXT-X-MAP:'));
  const init = map && readAttributes(map).get('URI');
  const segments: FileNames['segments'][number][] = [];
  let first: number | undefined;
  lines.forEach((line, index) => {
    if (line.startsWith('#EXTINF:')) first ??= index;
    if (line.startsWith('#') || line.trim() === '') return;
    segments.push({ ...named(line.trim()), line: first ?? index });
    first = undefined;
  });
  const next = nextName(segments.at(-1)?.uri ?? '');
  return {
    init: init === undefined ? undefined : uploadedName(init, playlist),
    segments,
    next: next === undefined ? undefined : named(next),
  };
}

/** @param base the name of the playlist that contains it. @returns undefined for an address elsewhere */
export function uploadedName(uri: string, base = ''): string | undefined {
  if (!URL.canParse(uri, UPLOAD_HOST + base)) return undefined;
  const { href, pathname } = new URL(uri, UPLOAD_HOST + base);
  return href.startsWith(UPLOAD_HOST) ? pathname.slice(1) : undefined;
}

/**
 * The name that an encoder will give the next segment: the last number is one higher, with at least as many digits.
 * @returns undefined if the name has no number
 */
export function nextName(name: string): string | undefined {
  const dot = name.lastIndexOf('.');
  const stem = name.slice(0, Math.max(0, dot));
  const end = stem.search(/\d\D*$/) + 1;
  const digits = /(?<!\d)\d+$/.exec(stem.slice(0, end))?.[0] ?? '';
  // A number in the name of a folder is not the segment's.
  if (digits === '' || digits.length > MAX_DIGITS || name.includes('/', end)) return undefined;
  const next = String(Number(digits) + 1).padStart(digits.length, '0');
  return name.slice(0, end - digits.length) + next + name.slice(end);
}
