import { PEER_ID } from '@freshet/protocol';
import { expect, it } from 'vitest';
import { peerIdentity } from './peer-identity.ts';

it('issues an id that only the holder of the secret can claim again', () => {
  const first = peerIdentity();
  expect(first.peer).toMatch(PEER_ID);
  expect(first.resume).toMatch(/^[A-Za-z0-9_-]{43}$/);
  expect(peerIdentity(first.resume)).toEqual(first);
  expect(peerIdentity().peer).not.toBe(first.peer);
});
