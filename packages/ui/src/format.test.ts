import { describe, expect, test } from 'vitest';
import { formatBytes, formatCount, formatSeconds, formatShare } from './format.ts';

const plain = (text: string): string => text.replaceAll('\u00a0', ' ');

describe('bytes', () => {
  test.each([
    [0, '0 kB'],
    [Number.NaN, '0 kB'],
    [1, '1 kB'],
    [640_000, '640 kB'],
    [999_499, '999 kB'],
    [999_500, '1.0 MB'],
    [42_123_456, '42.1 MB'],
    [99_949_999, '99.9 MB'],
    [99_950_000, '100 MB'],
    [999_500_000, '1.00 GB'],
    [1_240_000_000, '1.24 GB'],
  ])('%d', (bytes, text) => {
    expect(plain(formatBytes(bytes))).toBe(text);
  });
});

test('a share is rounded down and clamped to 0 and 100 %', () => {
  expect([0, 0.29, 0.875, 0.999, 1, 1.2, -1, Number.NaN].map((share) => plain(formatShare(share)))).toEqual([
    '0 %',
    '29 %',
    '87 %',
    '99 %',
    '100 %',
    '100 %',
    '0 %',
    '0 %',
  ]);
});

test('seconds are shown with one decimal, unknown ones as a dash', () => {
  expect(plain(formatSeconds(6.149))).toBe('6.1 s');
  expect(formatSeconds(undefined)).toBe('–');
  expect(formatSeconds(Number.NaN)).toBe('–');
});

test('a count of 1 has the singular, others the plural', () => {
  expect(plain(formatCount(1, 'viewer'))).toBe('1 viewer');
  expect(plain(formatCount(0, 'viewer'))).toBe('0 viewers');
});
