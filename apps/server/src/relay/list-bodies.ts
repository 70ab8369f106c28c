import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { encodePieceList } from '@freshet/protocol';
import type { RenditionBuffer } from '../buffer/rendition-buffer.ts';
import type { StoredSegment } from '../buffer/stored-segment.ts';
import type { LiveStream } from '../stream/live-stream.ts';
import { renderMediaPlaylist } from './render-media-playlist.ts';
import { reportLine } from './part-lines.ts';
import { makeMultivariant, renderMultivariant } from './render-multivariant.ts';
import type { Body, Media } from './send-body.ts';

/** A playlist of hours is hundreds of kilobytes, a tenth of it compressed; what fits a few packets is not worth it. */
const GZIP_FROM_BYTES = 8 * 1024;
const PLAYLIST_TYPE = 'application/vnd.apple.mpegurl';

/** The newest full playlist and the newest delta update of a rendition with parts. */
const renderedParts = new WeakMap<
  RenditionBuffer,
  readonly { readonly key: string; readonly skip: boolean; readonly body: Body }[]
>();
const rendered = new WeakMap<RenditionBuffer, { readonly version: number; readonly body: Body }>();

/** A rendition's media playlist; made once for each change, however many ask. */
export function mediaPlaylistBody(rendition: RenditionBuffer): Body {
  const held = rendered.get(rendition);
  if (held?.version === rendition.version) return held.body;
  const body = playlistBody(renderMediaPlaylist(rendition));
  rendered.set(rendition, { version: rendition.version, body });
  return body;
}

/**
 * The same of a rendition with parts, whose playlist says what the stream's others have.
 * @param skip whether a delta update will do
 */
export function lowLatencyBody(rendition: RenditionBuffer, stream: LiveStream, skip: boolean): Body {
  const all = [...stream.buffer.renditions];
  const key = all.map(({ version }) => version).join(' ');
  const held = renderedParts.get(rendition) ?? [];
  const found = held.find((body) => body.skip === skip && body.key === key);
  if (found !== undefined) return found.body;
  const reports = all.flatMap(({ id, edge, nextMsn }) =>
    id === rendition.id ? [] : reportLine(id, edge, nextMsn),
  );
  const body = playlistBody(renderMediaPlaylist(rendition, { reports, skip }));
  renderedParts.set(rendition, [...held.filter((other) => other.skip !== skip), { key, skip, body }]);
  return body;
}

/** What viewers are asked before they give: nothing, for their yes, or nothing until they switch it on themselves. */
export type Consent = 'notice' | 'ask' | 'off';

/** Asked for once a viewer, so made anew each time. */
export function multivariantBody(stream: LiveStream, consent: Consent = 'notice'): Body {
  const { multivariant, buffer } = stream;
  const text =
    multivariant === undefined
      ? makeMultivariant(buffer.renditions)
      : renderMultivariant(multivariant, ({ rendition }) => {
          if (rendition === undefined) return true;
          const held = buffer.rendition(rendition);
          return held?.available === true && held.nextMsn !== undefined;
        });
  // The player's own default is to tell: other players need not read a line about it.
  const line =
    consent === 'notice' ? '' : `#EXT-X-SESSION-DATA:DATA-ID="app.freshet.consent",VALUE="${consent}"\n`;
  return playlistBody(`${text}${line}`);
}

/** A segment's piece list, for viewers who were not told of it. Made when asked for: it is about a thousandth of the segment. */
export function pieceListBody({ data, durationMs, hashes, parts, etag }: StoredSegment): Media {
  const list = encodePieceList({ bytes: data.length, durationMs, hashes, parts });
  return { data: Buffer.from(list.buffer), contentType: 'application/octet-stream', etag };
}

function playlistBody(text: string): Body {
  const data = Buffer.from(text, 'utf8');
  const etag = `"${createHash('sha256').update(data).digest('hex').slice(0, 32)}"`;
  // Revalidated each time: a playlist that is a second old costs a viewer a second.
  let compressed: Buffer | undefined;
  const gzip = () => (compressed ??= gzipSync(data));
  return {
    ...{ data, etag, contentType: PLAYLIST_TYPE, cacheControl: 'no-cache' },
    gzip: data.length < GZIP_FROM_BYTES ? undefined : gzip,
  };
}
