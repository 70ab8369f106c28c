import type { Millis, PeerId } from '@freshet/protocol';

/** Sharing is tried again after this: whatever gave viewers segments of their own may have been switched off. */
const OFF_MS = 10 * 60_000;
/** What a single viewer sees may be its own network's doing. */
const FEWEST = 2;

/**
 * Whether a stream's segments differ from viewer to viewer, by the word of its viewers: more than half of them, counted
 * by ids and by the networks that they are in. One hostile viewer, however many connections it opens, is one network;
 * and those who see it for themselves do not wait for this: they stop sharing at once.
 */
export class PerViewerVote {
  readonly #networks = new Map<PeerId, string>();
  readonly #sayers = new Set<PeerId>();
  #until: Millis | undefined;

  joined(peer: PeerId, network: string): void {
    this.#networks.set(peer, network);
  }

  left(peer: PeerId): void {
    this.#networks.delete(peer);
    this.#sayers.delete(peer);
  }

  /** @returns whether this settled it */
  said(peer: PeerId, now: Millis): boolean {
    if (!this.#networks.has(peer)) return false;
    this.#sayers.add(peer);
    if (this.#until !== undefined || !this.#isMajority) return false;
    this.#until = now + OFF_MS;
    return true;
  }

  /** When `expire` is due; undefined while it is not settled. */
  get until(): Millis | undefined {
    return this.#until;
  }

  /** Begins anew: what was said before counts no longer. */
  expire(): void {
    this.#until = undefined;
    this.#sayers.clear();
  }

  get #isMajority(): boolean {
    const networks = new Set([...this.#sayers].map((peer) => this.#networks.get(peer)));
    const all = new Set(this.#networks.values());
    const most = this.#sayers.size * 2 > this.#networks.size && networks.size * 2 > all.size;
    return most && this.#sayers.size >= FEWEST;
  }
}
