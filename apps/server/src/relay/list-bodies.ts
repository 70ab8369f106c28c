import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { encodePieceList } from '@freshet/protocol';
import type { RenditionBuffer } from '../buffer/rendition-buffer.ts';
import type { StoredSegment } from '../buffer/stored-segment.ts';
import type { LiveStream } from '../stream/live-stream.ts';
import { type AddressQueries, renderMediaPlaylist } from './render-media-playlist.ts';
import { reportLine } from './part-lines.ts';
import { makeMultivariant, renderMultivariant, withPlaylistQuery } from './render-multivariant.ts';
import type { Body, Media } from './body-answer.ts';

/** A playlist of hours takes hundreds of kilobytes, or a tenth compressed. Bodies of a few packets are not worth it. */
const GZIP_FROM_BYTES = 8 * 1024;
const PLAYLIST_TYPE = 'application/vnd.apple.mpegurl';

/** The newest full playlist and the newest delta update of a rendition with parts. */
const renderedParts = new WeakMap<
  RenditionBuffer,
  readonly { readonly key: string; readonly skip: boolean; readonly body: Body }[]
>();
const rendered = new WeakMap<RenditionBuffer, { readonly key: string; readonly body: Body }>();

/** What the addresses in a private stream's playlists carry. Both may be empty. */
export interface ListQueries extends AddressQueries {
  /** Of playlists. */
  readonly playlists: string;
}

/**
 * A rendition's media playlist. Rendered once for each change, however many clients request it; tickets of a private
 * stream change every few seconds.
 */
export function mediaPlaylistBody(rendition: RenditionBuffer, queries?: ListQueries): Body {
  // Players do not reload a list that has ended, so no ticket lasts long enough: it carries the viewer's own token.
  if (queries !== undefined && rendition.ended) {
    const own = { media: queries.playlists, init: queries.playlists };
    return playlistBody(renderMediaPlaylist(rendition, { queries: own }), true);
  }
  const key = `${rendition.version} ${queries?.media ?? ''} ${queries?.init ?? ''}`;
  const held = rendered.get(rendition);
  if (held?.key === key) return held.body;
  const body = playlistBody(renderMediaPlaylist(rendition, queries && { queries }), queries !== undefined);
  rendered.set(rendition, { key, body });
  return body;
}

/**
 * The media playlist of a rendition with parts, which also reports the newest media of the stream's other renditions.
 * @param skip whether the client accepts a delta update
 */
export function lowLatencyBody(
  rendition: RenditionBuffer,
  stream: LiveStream,
  skip: boolean,
  queries?: ListQueries,
): Body {
  if (rendition.ended) return mediaPlaylistBody(rendition, queries);
  const all = [...stream.buffer.renditions];
  const key = [...all.map(({ version }) => version), queries?.media, queries?.init].join(' ');
  const held = renderedParts.get(rendition) ?? [];
  const found = held.find((body) => body.skip === skip && body.key === key);
  if (found !== undefined) return found.body;
  const reports = all.flatMap(({ id, edge, nextMsn }) =>
    id === rendition.id ? [] : reportLine(id, edge, nextMsn),
  );
  const body = playlistBody(
    renderMediaPlaylist(rendition, { reports, skip, ...(queries && { queries }) }),
    queries !== undefined,
  );
  renderedParts.set(rendition, [...held.filter((other) => other.skip !== skip), { key, skip, body }]);
  return body;
}

/** Before a viewer uploads: `notice` informs it, `ask` asks it to agree, `off` waits until it switches uploads on. */
export type Consent = 'notice' | 'ask' | 'off';

/** Each viewer requests it once, so it is rendered for each request. */
export function multivariantBody(
  stream: LiveStream,
  consent: Consent = 'notice',
  queries?: ListQueries,
): Body {
  const { multivariant, buffer } = stream;
  const text =
    multivariant === undefined
      ? makeMultivariant(buffer.renditions)
      : renderMultivariant(multivariant, ({ rendition }) => {
          if (rendition === undefined) return true;
          const held = buffer.rendition(rendition);
          return held?.available === true && held.nextMsn !== undefined;
        });
  // `notice` is the player's own default, so it needs no line that other players would have to read.
  const line =
    consent === 'notice' ? '' : `#EXT-X-SESSION-DATA:DATA-ID="app.freshet.consent",VALUE="${consent}"\n`;
  const addressed = withPlaylistQuery(text, queries?.playlists ?? '');
  return playlistBody(`${addressed}${line}`, queries !== undefined);
}

/**
 * A segment's piece list, for viewers that did not receive its announcement. Made on request: its size is about a
 * thousandth of the segment's.
 */
export function pieceListBody({ data, durationMs, hashes, parts, etag }: StoredSegment): Media {
  const list = encodePieceList({ bytes: data.length, durationMs, hashes, parts });
  return { data: Buffer.from(list.buffer), contentType: 'application/octet-stream', etag };
}

/** @param isPrivate whether only the viewer's own cache may keep it */
function playlistBody(text: string, isPrivate: boolean): Body {
  const data = Buffer.from(text, 'utf8');
  const etag = `"${createHash('sha256').update(data).digest('hex').slice(0, 32)}"`;
  let compressed: Buffer | undefined;
  const gzip = () => (compressed ??= gzipSync(data));
  return {
    // Revalidated each time: a playlist that is a second old delays a viewer by a second.
    ...{ data, etag, contentType: PLAYLIST_TYPE },
    cacheControl: isPrivate ? 'private, no-cache' : 'no-cache',
    gzip: data.length < GZIP_FROM_BYTES ? undefined : gzip,
  };
}
