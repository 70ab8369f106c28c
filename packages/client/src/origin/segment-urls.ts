import {
  parseSegmentKey,
  pieceListFile,
  type RenditionId,
  SEGMENT_TAG,
  segmentFile,
  type SegmentId,
  segmentIdFromUrl,
  segmentKey,
  type SegmentKey,
  setBounded,
} from '@freshet/protocol';
import type { StreamAddress } from './stream-address.ts';
import { withQuery } from './with-query.ts';

/** Renditions of one stream that are remembered. No stream has nearly as many. The oldest is dropped. */
const MAX_RENDITIONS = 64;
/** Addresses at the broadcaster's CDN that are remembered: hours of several renditions. The oldest is dropped. */
const MAX_LOCATED = 10_000;

const TAGGED = new RegExp(`^${SEGMENT_TAG}(\\S+)\\s+(\\S+)$`, 'gm');

/**
 * The addresses of segments at the origin. The tracker announces a segment by its identity alone. The file's extension
 * and the query that the player carries (a token) are learnt from the URLs that the player requests. Addresses at the
 * broadcaster's own CDN come from announcements and playlists; this viewer's own query is added to them.
 */
export class SegmentUrls {
  readonly #address: StreamAddress;
  readonly #cdnQuery: () => string;
  readonly #authorised: (url: string) => string;
  readonly #tails = new Map<RenditionId, { readonly extension: string; readonly query: string }>();
  /** Addresses at the CDN, without this viewer's query. */
  readonly #located = new Map<SegmentKey, string>();
  readonly #identities = new Map<string, SegmentKey>();

  /** @param authorised adds the viewer's token to an address on the server, where that is needed */
  constructor(
    address: StreamAddress,
    cdnQuery: () => string = () => '',
    authorised = (url: string): string => url,
  ) {
    this.#address = address;
    this.#cdnQuery = cdnQuery;
    this.#authorised = authorised;
  }

  /** @returns the identity of a media segment of this stream; undefined for any other URL. */
  learn(url: string): SegmentId | undefined {
    const located = this.#identities.get(url);
    if (located !== undefined) return parseSegmentKey(located);
    if (!url.startsWith(this.#address.mediaPrefix)) return undefined;
    const id = segmentIdFromUrl(url);
    if (id === undefined) return undefined;
    const { pathname, searchParams } = new URL(url);
    searchParams.delete('epoch');
    const extra = searchParams.toString();
    const extension = pathname.slice(pathname.lastIndexOf('.') + 1);
    const query = extra === '' ? '' : `&${extra}`;
    setBounded(this.#tails, id.rendition, { extension, query }, MAX_RENDITIONS);
    return id;
  }

  /** Remembers a segment's address at the broadcaster's CDN. */
  locate(key: SegmentKey, url: string): void {
    const before = this.#located.get(key);
    if (before === url) return;
    if (before !== undefined) this.#identities.delete(before);
    this.#located.delete(key);
    this.#located.set(key, url);
    this.#identities.set(url, key);
    if (this.#located.size <= MAX_LOCATED) return;
    const oldest = this.#located.entries().next();
    if (oldest.done === true) return;
    this.#located.delete(oldest.value[0]);
    this.#identities.delete(oldest.value[1]);
  }

  /** Remembers the addresses at the broadcaster's CDN that our relay's media playlist names. */
  readPlaylist(text: string): void {
    for (const [, key = '', url = ''] of text.matchAll(TAGGED))
      if (parseSegmentKey(key)) this.locate(key, url);
  }

  /** @returns undefined while the address is not known. */
  urlOf(id: SegmentId): string | undefined {
    const located = this.#located.get(segmentKey(id));
    if (located !== undefined) return withQuery(located, this.#cdnQuery());
    const tail = this.#tails.get(id.rendition);
    if (tail === undefined) return undefined;
    const file = segmentFile(id, tail.extension);
    return this.#own(id, `${file}${tail.query}`);
  }

  /** The address of the piece list: always on this server, wherever the segment is. */
  listUrlOf(id: SegmentId): string {
    const query = this.#tails.get(id.rendition)?.query ?? '';
    return this.#own(id, `${pieceListFile(id)}${query}`);
  }

  #own({ rendition }: SegmentId, file: string): string {
    return this.#authorised(`${this.#address.mediaPrefix}${rendition}/${file}`);
  }

  /** The address that hls.js's own loader requests instead of one from a playlist. */
  addressed(url: string): string {
    const isOurs = url.startsWith(this.#address.mediaPrefix);
    return isOurs ? url : withQuery(url, this.#cdnQuery());
  }
}
