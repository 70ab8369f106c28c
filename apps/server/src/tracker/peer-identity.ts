import { createHash, randomBytes } from 'node:crypto';
import type { PeerId } from '@freshet/protocol';

/**
 * A viewer's id is the hash of a secret that only this viewer holds. A viewer that presents the secret again gets the
 * same id, even from a restarted server that has no memory of it. The id alone does not suffice to claim it.
 */
export interface PeerIdentity {
  readonly peer: PeerId;
  readonly resume: string;
}

/** @param resume the secret of an earlier join; by default, a new one */
export function peerIdentity(resume: string = randomBytes(32).toString('base64url')): PeerIdentity {
  return { resume, peer: createHash('sha256').update(resume).digest('base64url').slice(0, 16) };
}
