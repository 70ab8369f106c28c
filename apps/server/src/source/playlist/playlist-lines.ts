import { SourceFault } from '../../stream/source-fault.ts';
import { readAttributes } from './attribute-list.ts';

/** Variables of a playlist (EXT-X-DEFINE), by name. */
export type Definitions = ReadonlyMap<string, string>;

export interface PlaylistLines {
  /** Trimmed, without blank ones, variables filled in. The first is `#EXTM3U`. */
  readonly lines: readonly string[];
  /** For the media playlists below this one. */
  readonly definitions: Definitions;
}

/** Characters of a playlist after its variables are filled in. Two of 2 MiB, so that none can be blown up by them. */
const MAX_CHARACTERS = 4 * 1024 * 1024;

/**
 * Cuts a playlist into lines and resolves EXT-X-DEFINE (RFC 8216bis, 4.4.2.3): our paths are not the source's, so a
 * player could not.
 * @param url where it was found, for QUERYPARAM. @param inherited the multivariant playlist's variables, for IMPORT
 * @throws SourceFault when it is no playlist, or uses a variable that it does not define
 */
export function playlistLines(text: string, url: string, inherited: Definitions = new Map()): PlaylistLines {
  const raw = text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\r|\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (raw[0] === undefined || !/^#EXTM3U(?:\s|$)/.test(raw[0]))
    throw new SourceFault('not-a-playlist', 'the response is not an HLS playlist');
  const definitions = new Map<string, string>();
  const lines: string[] = [];
  let characters = 0;
  for (const line of raw) {
    if (line.startsWith('#EXT-X-DEFINE:')) {
      define(line, url, inherited, definitions);
      continue;
    }
    const filled = definitions.size === 0 || isComment(line) ? line : fill(line, definitions);
    characters += filled.length;
    if (characters > MAX_CHARACTERS)
      throw new SourceFault('too-large', 'the playlist is too long with its variables substituted');
    lines.push(filled);
  }
  return { lines, definitions };
}

/** A line that starts with `#` is a tag only if it goes on with `EXT` (RFC 8216, 4.1): what looks like a variable in it is none. */
function isComment(line: string): boolean {
  return line.startsWith('#') && !line.startsWith('#EXT');
}

function define(line: string, url: string, inherited: Definitions, definitions: Map<string, string>): void {
  const attributes = readAttributes(line);
  const imported = attributes.get('IMPORT');
  const parameter = attributes.get('QUERYPARAM');
  const name = attributes.get('NAME') ?? imported ?? parameter ?? '';
  const value =
    imported !== undefined
      ? inherited.get(imported)
      : parameter !== undefined
        ? (new URL(url).searchParams.get(parameter) ?? undefined)
        : attributes.get('VALUE');
  if (value === undefined) throw new SourceFault('bad-playlist', `undefined variable ${name}`);
  definitions.set(name, value);
}

function fill(line: string, definitions: Definitions): string {
  return line.replace(/\{\$([A-Za-z0-9_-]+)\}/g, (_whole, name: string) => {
    const value = definitions.get(name);
    if (value === undefined) throw new SourceFault('bad-playlist', `undefined variable ${name}`);
    return value;
  });
}
