import type { Millis, PeerId } from '@freshet/protocol';

/** Sharing is tried again after this: the cause of differing segments may have been switched off. */
const OFF_MS = 10 * 60_000;
/** The fewest viewers that must report it: the network of a single viewer may be the cause. */
const FEWEST = 2;

/**
 * Decides from reports whether a stream's segments differ from viewer to viewer. More than half of the viewers, in more
 * than half of their networks, must report it. A hostile viewer counts as one network, however many connections it
 * opens. Viewers that detect the difference do not wait for this decision: they stop sharing at once.
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

  /** @returns whether this report decided the vote */
  said(peer: PeerId, now: Millis): boolean {
    if (!this.#networks.has(peer)) return false;
    this.#sayers.add(peer);
    if (this.#until !== undefined || !this.#isMajority) return false;
    this.#until = now + OFF_MS;
    return true;
  }

  /** When `expire` is due; undefined while the vote is undecided. */
  get until(): Millis | undefined {
    return this.#until;
  }

  /** Restarts the vote: earlier reports no longer count. */
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
