import type { PeerId } from '@freshet/protocol';
import type { TrackedPeer } from './cells/tracked-peer.ts';

/**
 * Accusers that make a polluter; a single one could lie. They must be in different networks, because one person with
 * several connections could otherwise have any viewer banned. Or all are in the suspect's own network, because the
 * viewers of an office meet only each other.
 */
const ACCUSERS = 2;
/** An accuser of more peers than this is ignored. */
const MAX_ACCUSED = 3;

/** The accusations of sending corrupt pieces. */
export class Polluters {
  /** For each suspect, its accusers and the network of each. */
  readonly #accusers = new Map<PeerId, Map<PeerId, string>>();

  /** @returns whether the suspect counts as a polluter from now on. */
  accuse(accuser: TrackedPeer, suspect: TrackedPeer): boolean {
    accuser.accused.add(suspect.id);
    if (accuser.accused.size > MAX_ACCUSED) return false;
    const accusers = this.#accusers.get(suspect.id) ?? new Map<PeerId, string>();
    accusers.set(accuser.id, accuser.network);
    this.#accusers.set(suspect.id, accusers);
    if (accusers.size < ACCUSERS) return false;
    const networks = new Set(accusers.values());
    return networks.size > 1 || networks.has(suspect.network);
  }

  forget(peer: PeerId): void {
    this.#accusers.delete(peer);
  }
}
