import type { PeerId } from '@freshet/protocol';
import type { TrackedPeer } from './tracked-peer.ts';

/** Different accusers that make a polluter. One could be lying. */
const ACCUSERS = 2;
/** Accused peers of one accuser above which its word counts for nothing. */
const MAX_ACCUSED = 3;

/** Who was accused by whom of sending false pieces. */
export class Polluters {
  readonly #accusers = new Map<PeerId, Set<PeerId>>();

  /** @returns whether the suspect is taken for a polluter from now on. */
  accuse(accuser: TrackedPeer, suspect: TrackedPeer): boolean {
    accuser.accused.add(suspect.id);
    if (accuser.accused.size > MAX_ACCUSED) return false;
    const accusers = this.#accusers.get(suspect.id) ?? new Set<PeerId>();
    accusers.add(accuser.id);
    this.#accusers.set(suspect.id, accusers);
    return accusers.size >= ACCUSERS;
  }

  forget(peer: PeerId): void {
    this.#accusers.delete(peer);
  }
}
