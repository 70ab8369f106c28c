import type { RenditionId } from '@freshet/protocol';
import { type RenditionAttributes, renditionIds } from '../../buffer/rendition-id.ts';
import { MAX_RENDITIONS } from '../../buffer/stream-buffer.ts';
import type { MultivariantPart } from '../../stream/live-stream.ts';
import { SourceFault } from '../../stream/source-fault.ts';
import { readAttributes, replaceQuoted } from './attribute-list.ts';
import { absoluteKey } from './segment-lines.ts';
import { absoluteUrl } from './source-location.ts';

/** A media playlist that a multivariant playlist refers to. */
export interface ListedRendition {
  readonly id: RenditionId;
  readonly attributes: RenditionAttributes;
  /** Absolute. */
  readonly url: string;
}

export interface Multivariant {
  readonly renditions: readonly ListedRendition[];
  /** The playlist with our own paths in it. */
  readonly parts: readonly MultivariantPart[];
}

/** A run of lines that may refer to a media playlist. `at` is the index of the line with its address. */
interface Stretch {
  readonly lines: readonly string[];
  readonly link?: { readonly at: number; readonly url: string; readonly choice: string };
}

/** We do not follow the playlists of the first two, and steering would send viewers past us to unknown servers. */
const DROPPED = /^#EXT-X-(?:I-FRAME-STREAM-INF|IMAGE-STREAM-INF|CONTENT-STEERING):/;

export function isMultivariant(lines: readonly string[]): boolean {
  return lines.some((line) => line.startsWith('#EXT-X-STREAM-INF:'));
}

/**
 * Reads a multivariant playlist and rewrites it line by line: unknown tags and attributes are unchanged.
 * Renditions with an invalid address are left out, and so are those beyond MAX_RENDITIONS.
 * @param lines from `playlistLines`. @param url of the playlist, after redirects
 * @param knownIds ids from an earlier read, by the path of the playlist; they are kept
 * @throws SourceFault when there is nothing to follow
 */
export function readMultivariant(
  lines: readonly string[],
  url: string,
  knownIds: ReadonlyMap<string, RenditionId> = new Map(),
): Multivariant {
  const stretches = [...cut(lines, url)];
  const described = new Map<string, RenditionAttributes[]>();
  for (const { lines: own, link } of stretches) {
    if (link === undefined) continue;
    const known = described.get(link.url);
    if (known === undefined && described.size >= MAX_RENDITIONS) continue;
    described.set(link.url, [...(known ?? []), describe(own)]);
  }
  if (described.size === 0) throw new SourceFault('bad-playlist', 'a multivariant playlist without variants');
  const urls = [...described.keys()];
  // One playlist may appear in several variants (with other audio): their order must not matter.
  const attributes = [...described.values()].map(smallest);
  const ids = renditionIds(attributes);
  const taken = new Set<RenditionId>();
  const renditions = urls.map((url, index) => {
    const known = knownIds.get(new URL(url).pathname);
    const id = known === undefined || taken.has(known) ? (ids[index] ?? '') : known;
    taken.add(id);
    return { url, id, attributes: attributes[index] ?? { type: 'video' as const } };
  });
  const idOf = new Map(renditions.map((rendition) => [rendition.url, rendition.id]));
  return { renditions, parts: stretches.flatMap((stretch) => rewrite(stretch, idOf)) };
}

function* cut(lines: readonly string[], base: string): Generator<Stretch> {
  let variant: string[] | undefined;
  for (const line of lines) {
    if (line.startsWith('#EXT-X-STREAM-INF:')) variant = [line];
    else if (!line.startsWith('#')) {
      const url = variant === undefined ? undefined : tryUrl(line, base);
      if (variant !== undefined && url !== undefined) {
        const link = { at: variant.length, url, choice: 'variant' };
        yield { lines: [...variant, line], link };
      }
      variant = undefined;
    } else if (variant !== undefined) variant.push(line);
    else if (line.startsWith('#EXT-X-MEDIA:')) yield* media(line, base);
    else if (/^#EXT-X-SESSION-(?:KEY|DATA):/.test(line)) yield { lines: sessionLine(line, base) };
    else if (!DROPPED.test(line)) yield { lines: [line] };
  }
}

/**
 * Session keys and session data only announce. One with an invalid address is left out, and the stream goes on without
 * it.
 */
function sessionLine(line: string, base: string): readonly string[] {
  try {
    return [absoluteKey(line, base)];
  } catch (error) {
    if (error instanceof SourceFault) return [];
    throw error;
  }
}

/** Without a URI the rendition is contained in its variants' streams (closed captions, muxed audio). */
function* media(line: string, base: string): Generator<Stretch> {
  const attributes = readAttributes(line);
  const uri = attributes.get('URI');
  if (uri === undefined) yield { lines: [line] };
  else {
    const url = tryUrl(uri, base);
    const choice = `${attributes.get('TYPE') ?? ''} ${attributes.get('GROUP-ID') ?? ''}`;
    if (url !== undefined) yield { lines: [line], link: { at: 0, url, choice } };
  }
}

function tryUrl(uri: string, base: string): string | undefined {
  try {
    return absoluteUrl(uri, base);
  } catch (error) {
    if (error instanceof SourceFault) return undefined;
    throw error;
  }
}

function rewrite({ lines, link }: Stretch, idOf: ReadonlyMap<string, RenditionId>): MultivariantPart[] {
  if (link === undefined) return [{ lines }];
  const rendition = idOf.get(link.url);
  if (rendition === undefined) return [];
  const path = `${rendition}/index.m3u8`;
  const rewritten = lines.map((line, index) => {
    if (index !== link.at) return line;
    return line.startsWith('#') ? replaceQuoted(line, 'URI', path) : path;
  });
  return [{ lines: rewritten, rendition, choice: link.choice }];
}

function describe(lines: readonly string[]): RenditionAttributes {
  const attributes = readAttributes(lines[0] ?? '');
  const type = attributes.get('TYPE');
  const text = {
    codecs: attributes.get('CODECS'),
    resolution: attributes.get('RESOLUTION'),
    videoRange: attributes.get('VIDEO-RANGE'),
    group: attributes.get('GROUP-ID'),
    language: attributes.get('LANGUAGE'),
    name: attributes.get('NAME'),
  };
  const numbers = { bandwidth: attributes.get('BANDWIDTH'), frameRate: attributes.get('FRAME-RATE') };
  return {
    type: type === 'AUDIO' ? 'audio' : type === 'SUBTITLES' ? 'subtitles' : 'video',
    ...Object.fromEntries(Object.entries(text).filter(([, value]) => value !== undefined)),
    ...Object.fromEntries(
      Object.entries(numbers)
        .map(([name, value]) => [name, Number(value)] as const)
        .filter(([, value]) => Number.isFinite(value)),
    ),
  };
}

function smallest(candidates: readonly RenditionAttributes[]): RenditionAttributes {
  const [first] = [...candidates].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  return first ?? { type: 'video' };
}
