import type { LoaderConfig } from 'hls.js';
import { expect, test } from 'vitest';
import { loadPolicies } from './load-policies.ts';

const { playlistLoadPolicy, manifestLoadPolicy, fragLoadPolicy } = loadPolicies();

function retries(policy: { default: LoaderConfig }, code: number, count = 0): boolean | undefined {
  const { errorRetry } = policy.default;
  return errorRetry?.shouldRetry?.(errorRetry, count, false, { url: '', code }, false);
}

test.each([0, 404, 429, 500, 503])('retries a media playlist answered with %i', (code) => {
  expect(retries(playlistLoadPolicy, code)).toBe(true);
  expect(retries(playlistLoadPolicy, code, 18)).toBe(false);
});

test.each([401, 403, 410])('does not retry a media playlist answered with %i', (code) => {
  expect(retries(playlistLoadPolicy, code)).toBe(false);
});

test('does not retry the multivariant playlist and segments when they are not found', () => {
  expect(retries(manifestLoadPolicy, 404)).toBe(false);
  expect(retries(fragLoadPolicy, 404)).toBe(false);
  expect(retries(manifestLoadPolicy, 0)).toBe(true);
  expect(retries(fragLoadPolicy, 503)).toBe(true);
});

test('retries a full server for longer than one that does not answer', () => {
  expect(retries(manifestLoadPolicy, 0, 3)).toBe(false);
  expect(retries(manifestLoadPolicy, 503, 17)).toBe(true);
  expect(retries(manifestLoadPolicy, 503, 18)).toBe(false);
});
