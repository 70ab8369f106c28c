import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { makeDigest, matches } from './verify.ts';

const bytes = Uint8Array.from({ length: 70_000 }, (_, i) => i & 0xff);
const expected = new Uint8Array(createHash('sha256').update(bytes).digest());
const failing = { digest: () => Promise.reject(new Error('out of memory')) };

test.each([
  ['crypto.subtle', makeDigest()],
  ['without crypto.subtle', makeDigest(null)],
  ['with a crypto.subtle that fails', makeDigest(failing)],
])('SHA-256 by %s', async (_name, digest) => {
  expect(await digest(bytes)).toEqual(expected);
  expect(await matches(digest, bytes, expected)).toBe(true);
  expect(await matches(digest, bytes.slice(1), expected)).toBe(false);
  expect(await matches(digest, bytes, expected.subarray(1))).toBe(false);
});
