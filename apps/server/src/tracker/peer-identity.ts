import { createHash, randomBytes } from 'node:crypto';
import type { PeerId } from '@freshet/protocol';

/**
 * A viewer's name is the hash of a secret that only it holds. Whoever shows the secret again is the same viewer, also
 * to a server that was restarted and remembers nothing; whoever only knows the name cannot take it.
 */
export interface PeerIdentity {
  readonly peer: PeerId;
  readonly resume: string;
}

/** @param resume the secret of an earlier join; a new one is made without it. */
export function peerIdentity(resume: string = randomBytes(32).toString('base64url')): PeerIdentity {
  return { resume, peer: createHash('sha256').update(resume).digest('base64url').slice(0, 16) };
}
