import { createHmac } from 'node:crypto';
import { expect, it } from 'vitest';
import { TurnCredentials } from './turn-credentials.ts';

const PEER = 'a'.repeat(16);
const secret = 'a-secret-of-both-servers';
const turn = new TurnCredentials({ secret, ttlMs: 3_600_000, wallClock: () => 1_700_000_000_500 });

it('gives each viewer credentials that end, to TURN servers without their own alone', () => {
  const own = { urls: 'turn:own:3478', username: 'u', credential: 'c' };
  const [stun, made, kept] = turn.serversFor(PEER, [{ urls: 'stun:s:3478' }, { urls: 'turns:t:5349' }, own]);
  expect(stun).toEqual({ urls: 'stun:s:3478' });
  expect(kept).toEqual(own);
  expect(made?.username).toMatch(/^1700003601:[\da-f]{16}$/);
  expect(made?.credential).toBe(
    createHmac('sha1', secret)
      .update(made?.username ?? '')
      .digest('base64'),
  );
  expect(JSON.stringify(made)).not.toContain(PEER);
  const [other] = turn.serversFor('b'.repeat(16), [{ urls: 'turn:t:3478' }]);
  expect(other?.username).not.toBe(made?.username);
  expect(turn.renewMs).toBe(1_800_000);
});
