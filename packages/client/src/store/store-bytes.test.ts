import { expect, test } from 'vitest';
import { storeBytes } from './store-bytes.ts';

test('a phone keeps fewer bytes', () => {
  const phone = { navigator: { userAgent: 'Mozilla/5.0 (Linux; Android 15; Mobile)' } as Navigator };
  expect(storeBytes(phone)).toBe(24 * 1024 * 1024);
  expect(storeBytes({})).toBe(64 * 1024 * 1024);
});
