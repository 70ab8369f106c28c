import type { Millis, PeerId, RenditionId } from '@freshet/protocol';

/** A viewer as the tracker knows it. What it says of itself is taken as a hint, never as a right. */
export class TrackedPeer {
  readonly id: PeerId;
  readonly joinedAt: Millis;
  neighbours: ReadonlySet<PeerId> = new Set();
  renditions: ReadonlySet<RenditionId> = new Set();
  uploads = false;
  seeking = true;
  /** When it was last given new peers because it asked. */
  soughtAt: Millis;
  /** Bytes it was asked to inject: the next turn goes to whoever has the least. */
  injectedBytes = 0;
  /** Whom it accused; one that accuses many is not believed any more. */
  readonly accused = new Set<PeerId>();

  constructor(id: PeerId, now: Millis) {
    this.id = id;
    this.joinedAt = now;
    this.soughtAt = now;
  }

  follows(rendition: RenditionId): boolean {
    return this.renditions.has(rendition);
  }

  sharesRendition(other: TrackedPeer): boolean {
    for (const rendition of this.renditions) if (other.renditions.has(rendition)) return true;
    return false;
  }
}
