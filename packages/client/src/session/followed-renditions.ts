import { LIMITS, type Millis, type RenditionId } from '@freshet/protocol';

/** A kind of track that was not requested for this long is no longer played (subtitles were switched off). */
const STALE_MS = 30_000;

/** The renditions that the player follows: of each kind of track the one requested last. */
export class FollowedRenditions {
  readonly #last = new Map<string, { readonly rendition: RenditionId; readonly at: Millis }>();
  #current: readonly RenditionId[] = [];

  get renditions(): readonly RenditionId[] {
    return this.#current;
  }

  /** The player requests a segment. @returns whether the followed renditions changed. */
  asked(kind: string, rendition: RenditionId, now: Millis): boolean {
    this.#last.set(kind, { rendition, at: now });
    for (const [other, { at }] of this.#last) if (now - at > STALE_MS) this.#last.delete(other);
    const renditions = [...new Set([...this.#last.values()].map((entry) => entry.rendition))]
      .slice(0, LIMITS.renditionsFollowed)
      .sort();
    if (renditions.join() === this.#current.join()) return false;
    this.#current = renditions;
    return true;
  }
}
