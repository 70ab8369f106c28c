import { createHash } from 'node:crypto';
import type { RenditionId } from '@freshet/protocol';

/** Attributes of a rendition, as in the multivariant playlist. Each one helps to distinguish it from others. */
export interface RenditionAttributes {
  readonly type: 'video' | 'audio' | 'subtitles';
  /** Peak bits per second. */
  readonly bandwidth?: number;
  readonly codecs?: string;
  /** Width x height, as in `1280x720`. */
  readonly resolution?: string;
  readonly frameRate?: number;
  readonly videoRange?: string;
  /** GROUP-ID of an alternate rendition. */
  readonly group?: string;
  readonly language?: string;
  readonly name?: string;
}

/**
 * One id for each of the given renditions, in their order. An id depends on the rendition's attributes, not on its
 * position: a source that lists its variants in another order keeps their ids, and so do two servers behind one name.
 * Renditions with equal attributes (backup streams) are numbered in their order.
 */
export function renditionIds(renditions: readonly RenditionAttributes[]): RenditionId[] {
  const taken = new Set<RenditionId>();
  return renditions.map((attributes) => {
    for (let copy = 0; ; copy++) {
      const id = renditionId(attributes, copy);
      if (taken.has(id)) continue;
      taken.add(id);
      return id;
    }
  });
}

/** Eight hexadecimal digits. @param copy selects another id for the same attributes */
export function renditionId(attributes: RenditionAttributes, copy = 0): RenditionId {
  const normalised = Object.entries(attributes)
    .map(([name, value]) => `${name}=${normalise(name, String(value))}`)
    .sort();
  return createHash('sha256')
    .update(JSON.stringify([normalised, copy]))
    .digest('hex')
    .slice(0, 8);
}

function normalise(name: string, value: string): string {
  const text = value.trim().replace(/\s+/g, ' ');
  // `avc1.64001F,mp4a.40.2` and `mp4a.40.2, avc1.64001f` mean the same.
  if (name === 'codecs')
    return text
      .toLowerCase()
      .split(',')
      .map((codec) => codec.trim())
      .sort()
      .join(',');
  return name === 'resolution' || name === 'language' ? text.toLowerCase() : text;
}
