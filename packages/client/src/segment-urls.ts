import { type RenditionId, segmentFile, type SegmentId, segmentIdFromUrl } from '@freshet/protocol';
import type { StreamAddress } from './stream-address.ts';

/** Renditions of one stream that are remembered; the oldest goes. No stream has nearly as many. */
const MAX_RENDITIONS = 64;

/**
 * Where segments are at the origin. The tracker announces a segment by its identity alone; the file's extension and
 * a query that the player carries (a token) are learnt from the URLs that the player asks for.
 */
export class SegmentUrls {
  readonly #address: StreamAddress;
  readonly #tails = new Map<RenditionId, { readonly extension: string; readonly query: string }>();

  constructor(address: StreamAddress) {
    this.#address = address;
  }

  /** @returns the identity of a media segment of this stream; undefined for any other URL. */
  learn(url: string): SegmentId | undefined {
    if (!url.startsWith(this.#address.mediaPrefix)) return undefined;
    const id = segmentIdFromUrl(url);
    if (id === undefined) return undefined;
    const { pathname, searchParams } = new URL(url);
    searchParams.delete('epoch');
    const extra = searchParams.toString();
    this.#tails.delete(id.rendition);
    this.#tails.set(id.rendition, {
      extension: pathname.slice(pathname.lastIndexOf('.') + 1),
      query: extra === '' ? '' : `&${extra}`,
    });
    if (this.#tails.size > MAX_RENDITIONS) {
      const oldest = this.#tails.keys().next();
      if (!oldest.done) this.#tails.delete(oldest.value);
    }
    return id;
  }

  /** @returns undefined while no URL of the rendition was seen. */
  urlOf(id: SegmentId): string | undefined {
    const tail = this.#tails.get(id.rendition);
    if (tail === undefined) return undefined;
    const file = segmentFile(id, tail.extension);
    return `${this.#address.mediaPrefix}${id.rendition}/${file}${tail.query}`;
  }
}
