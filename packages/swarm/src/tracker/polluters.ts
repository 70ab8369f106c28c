import type { PeerId } from '@freshet/protocol';
import type { TrackedPeer } from './tracked-peer.ts';

/**
 * Different accusers that make a polluter; one could be lying. They must be in different networks, because somebody who
 * opens several connections of its own could have any viewer banned by two of them; or all in the suspect's own, where
 * an office's viewers only meet each other.
 */
const ACCUSERS = 2;
/** Accused peers of one accuser above which its word counts for nothing. */
const MAX_ACCUSED = 3;

/** Who was accused by whom of sending false pieces. */
export class Polluters {
  /** Of each suspect: its accusers, with the network that each is in. */
  readonly #accusers = new Map<PeerId, Map<PeerId, string>>();

  /** @returns whether the suspect is taken for a polluter from now on. */
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
