import { readAttributes } from '../../source/playlist/attribute-list.ts';

/** Nothing is ever asked over the network here: a playlist that names another host names nothing. */
export const UPLOAD_HOST = 'http://upload.invalid/';
/** A longer number is no counter. */
const MAX_DIGITS = 15;

interface ListedFile {
  /** As the playlist has it. */
  readonly uri: string;
  readonly name: string;
}

/** Files that a media playlist names. */
export interface FileNames {
  /** That of the last EXT-X-MAP. */
  readonly init: string | undefined;
  /** Each with the place of its first line: its EXTINF, or what stands there instead. */
  readonly segments: readonly (ListedFile & { readonly line: number })[];
  /** What the encoder most likely uploads next. */
  readonly next: ListedFile | undefined;
}

/** @param playlist its own name: the others are beside it */
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

/** @param base the name of the playlist that has it. @returns undefined for what lies elsewhere */
export function uploadedName(uri: string, base = ''): string | undefined {
  if (!URL.canParse(uri, UPLOAD_HOST + base)) return undefined;
  const { href, pathname } = new URL(uri, UPLOAD_HOST + base);
  return href.startsWith(UPLOAD_HOST) ? pathname.slice(1) : undefined;
}

/**
 * What an encoder will call the segment behind this one: its last number is one more, as wide as before.
 * @returns undefined where there is no number
 */
export function nextName(name: string): string | undefined {
  const [, before = '', digits = '', after = ''] = /^(.*?)(\d+)([^\d/]*\.[^./]*)$/.exec(name) ?? [];
  if (digits === '' || digits.length > MAX_DIGITS) return undefined;
  return before + String(Number(digits) + 1).padStart(digits.length, '0') + after;
}
