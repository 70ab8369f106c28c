import { expect, test } from 'vitest';
import { MAX_REVOCATIONS, Revocations } from './revocations.ts';

const at = 1_800_000_000_000;
const iat = at / 1000;

test('tokens that were issued later are not affected, except the one with a revoked number', () => {
  const revocations = new Revocations();
  revocations.add({ stream: 'live', at, sub: 'a' });
  revocations.add({ stream: 'live', at, jti: '7' });
  expect(revocations.isRevoked('live', { sub: 'a', iat })).toBe(true);
  expect(revocations.isRevoked('live', { sub: 'a' })).toBe(true);
  expect(revocations.isRevoked('live', { sub: 'a', iat: iat + 1 })).toBe(false);
  expect(revocations.isRevoked('live', { sub: 'b', iat })).toBe(false);
  expect(revocations.isRevoked('live', { jti: '7', iat: iat + 1 })).toBe(true);
  expect(revocations.isRevoked('other', { sub: 'a', iat })).toBe(false);
});

test('revoking all tokens replaces the others, and what is kept holds after a restart', () => {
  const revocations = new Revocations();
  revocations.add({ stream: 'live', at, sub: 'a' });
  revocations.add({ stream: 'live', at: at + 5000 });
  expect(revocations.all()).toHaveLength(1);
  expect(new Revocations(revocations.all()).isRevoked('live', { iat: iat + 5 })).toBe(true);
});

test('at the limit none is forgotten: another is refused, and revoking all is not', () => {
  const revocations = new Revocations();
  for (let number = 0; number < MAX_REVOCATIONS; number++)
    expect(revocations.add({ stream: 'live', at, sub: String(number) })).toBe(true);
  expect(revocations.add({ stream: 'live', at, sub: 'more' })).toBe(false);
  expect(revocations.add({ stream: 'live', at: at + 1, sub: '1' })).toBe(true);
  expect(revocations.isRevoked('live', { sub: '0', iat })).toBe(true);
  expect(revocations.add({ stream: 'live', at })).toBe(true);
});
