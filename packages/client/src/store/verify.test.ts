import { createHash } from 'node:crypto';
import { expect, test, vi } from 'vitest';
import { makeDigest, matches } from './verify.ts';

const bytes = Uint8Array.from({ length: 70_000 }, (_, i) => i & 0xff);
const expected = new Uint8Array(createHash('sha256').update(bytes).digest());
const failing = { digest: () => Promise.reject(new Error('out of memory')) };

test.each([
  ['crypto.subtle', undefined],
  ['without crypto.subtle', null],
  ['with a crypto.subtle that fails', failing],
])('computes SHA-256: %s', async (_name, subtle) => {
  const onUnable = vi.fn();
  const digest = makeDigest(onUnable, subtle);
  expect(await digest(bytes)).toEqual(expected);
  expect(await matches(digest, bytes, expected)).toBe(true);
  expect(await matches(digest, bytes.slice(1), expected)).toBe(false);
  expect(await matches(digest, bytes, expected.subarray(1))).toBe(false);
  expect(onUnable).not.toHaveBeenCalled();
});

test('loads the JavaScript hash at once on pages without crypto.subtle, and on no others', async () => {
  const load = vi.fn(() => Promise.resolve(() => expected));
  const digest = makeDigest(undefined, undefined, load);
  expect(await matches(digest, bytes, expected)).toBe(true);
  expect(load).not.toHaveBeenCalled();
  makeDigest(undefined, null, load);
  expect(load).toHaveBeenCalledOnce();
});

test.each([
  ['without crypto.subtle', null],
  ['with a crypto.subtle that fails', failing],
])('%s: when the JavaScript hash cannot be loaded, matches nothing and reports it', async (_name, subtle) => {
  const onUnable = vi.fn();
  const digest = makeDigest(onUnable, subtle, () => Promise.reject(new Error('404')));
  expect(await matches(digest, bytes, expected)).toBe(false);
  expect(onUnable).toHaveBeenCalled();
});
