import type { Millis, PeerId } from '@freshet/protocol';

/** Sharing is tried again after this: the cause of differing segments may have been switched off. */
const OFF_MS = 10 * 60_000;
/** The fewest viewers, and networks, that must report it: the network of a single viewer may be the cause. */
const FEWEST = 2;

/**
 * Decides from reports whether a stream's segments differ from viewer to viewer. Networks vote: one says so when more
 * than half of its viewers do. More than half of the networks, and at least two, must say so, with more than half of all
 * viewers. Where the viewers of a single network decide alone, all of them must agree: whoever is in the network of
 * others could outnumber them with connections. Viewers that detect the difference do not wait for this decision: they
 * stop sharing at once.
 */
export class PerViewerVote {
  readonly #networks = new Map<PeerId, string>();
  readonly #sayers = new Set<PeerId>();
  #until: Millis | undefined;
  /** The viewers that the decision rests on. */
  #decidedBy = 0;

  /** @returns whether viewers that had no vote outnumber those that decided it: `expire` is due now */
  joined(peer: PeerId, network: string): boolean {
    this.#networks.set(peer, network);
    return this.#until !== undefined && this.#networks.size > 2 * this.#decidedBy;
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
    this.#decidedBy = this.#sayers.size;
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
    const viewers = this.#networks.size;
    if (this.#sayers.size < FEWEST) return false;
    if (this.#sayers.size === viewers) return true;
    const members = countBy(this.#networks.values());
    const sayers = countBy([...this.#sayers].map((peer) => this.#networks.get(peer) ?? ''));
    const agreeing = [...sayers].filter(([network, said]) => said * 2 > (members.get(network) ?? 0)).length;
    return agreeing >= FEWEST && agreeing * 2 > members.size && this.#sayers.size * 2 > viewers;
  }
}

function countBy(networks: Iterable<string>): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const network of networks) counts.set(network, (counts.get(network) ?? 0) + 1);
  return counts;
}
