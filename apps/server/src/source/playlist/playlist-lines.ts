import { SourceFault } from '../../stream/source-fault.ts';
import { readAttributes } from './attribute-list.ts';

/** Variables of a playlist (EXT-X-DEFINE), by name. */
export type Definitions = ReadonlyMap<string, string>;

export interface PlaylistLines {
  /** Trimmed, without blank ones, variables substituted. The first is `#EXTM3U`. */
  readonly lines: readonly string[];
  /** For the media playlists below this one. */
  readonly definitions: Definitions;
}

/**
 * Limit of a playlist's characters after substitution. Twice the 2 MiB of a download, so that variables cannot inflate
 * it.
 */
const MAX_CHARACTERS = 4 * 1024 * 1024;

/**
 * Splits a playlist into lines and resolves EXT-X-DEFINE (RFC 8216bis, 4.4.2.3). A player could not, because our paths
 * differ from the source's.
 * @param url of the playlist, for QUERYPARAM. @param inherited the multivariant playlist's variables, for IMPORT
 * @throws SourceFault when it is not a playlist, or uses an undefined variable
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

/**
 * A line that starts with `#` is a tag only if `EXT` follows (RFC 8216, 4.1). Variables in comments are not
 * substituted.
 */
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
