import { LIMITS, setBounded } from '@freshet/protocol';
import type { RenditionBuffer } from '../../buffer/rendition-buffer.ts';
import type { StoredInit } from '../../buffer/stored-segment.ts';
import { SourceFault } from '../../stream/source-fault.ts';
import type { SourceMap, SourceSegment } from '../playlist/media-list.ts';
import type { Fetcher } from './fetcher.ts';
import { looksLikeMedia, mediaType, type MediaType } from './media-type.ts';
import type { SourceTimes } from './source-times.ts';

/** A segment as the source delivered it. */
export interface Media {
  readonly data: Buffer;
  readonly type: MediaType;
  readonly init: StoredInit | undefined;
}

interface MediaReaderOptions {
  readonly rendition: RenditionBuffer;
  readonly fetcher: Fetcher;
  readonly times: SourceTimes;
}

/** An init segment is a few kilobytes. */
const MAX_INIT_BYTES = 1024 * 1024;
/** Init segments cached by address. Those beyond this number are fetched again. */
const MAX_INITS = 8;

/** Fetches one rendition's segments and init segments, and detects the media type of the segments. */
export class MediaReader {
  readonly #options: MediaReaderOptions;
  readonly #inits = new Map<string, Promise<StoredInit>>();

  constructor(options: MediaReaderOptions) {
    this.#options = options;
  }

  /** @param known its bytes, if they arrived in parts already. @throws SourceFault */
  async segment(source: SourceSegment, signal: AbortSignal, known?: Buffer): Promise<Media> {
    const { fetcher, times, rendition } = this.#options;
    const init = source.map && (await this.init(source.map, signal));
    const limits = { ...times.segment, maxBytes: LIMITS.segmentBytes };
    const { data, url } =
      known === undefined
        ? await fetcher.get(source.url, limits, signal, source.range)
        : { data: known, url: source.url };
    if (data.length === 0) throw new SourceFault('not-media', 'the segment is empty');
    const encrypted = source.keys.length > 0;
    if (encrypted && !looksLikeMedia(data)) fetcher.checkUnsniffed?.(url);
    const type = mediaType(data, source.url, { encrypted, audio: rendition.attributes.type === 'audio' });
    return { data, type, init };
  }

  /** Fetches each init segment once, until `forgetInits`. @throws SourceFault */
  init(map: SourceMap, signal: AbortSignal): Promise<StoredInit> {
    const { fetcher, times, rendition } = this.#options;
    const name = `${map.url} ${map.range?.start ?? 0} ${map.range?.length ?? 0}`;
    const known = this.#inits.get(name);
    if (known !== undefined) return known;
    const limits = { ...times.segment, maxBytes: MAX_INIT_BYTES };
    const contentType = rendition.attributes.type === 'audio' ? 'audio/mp4' : 'video/mp4';
    const init = fetcher.get(map.url, limits, signal, map.range).then(({ data, url }) => {
      // It is published like a segment.
      if (!looksLikeMedia(data)) fetcher.checkUnsniffed?.(url);
      return rendition.putInit(data, contentType);
    });
    setBounded(this.#inits, name, init, MAX_INITS);
    init.catch(() => this.#inits.delete(name));
    return init;
  }

  /** Call it after an encoder restart: the same addresses may hold other init segments. */
  forgetInits(): void {
    this.#inits.clear();
  }
}
