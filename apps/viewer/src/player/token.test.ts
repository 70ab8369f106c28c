import { expect, test } from 'vitest';
import { withToken } from './token.ts';

test.each([
  [undefined, 'https://host/live/a/index.m3u8?token=old'],
  ['new&1', 'https://host/live/a/index.m3u8?token=new%261'],
  [() => Promise.resolve('made'), 'https://host/live/a/index.m3u8?token=made'],
])('%s', async (token, expected) => {
  expect(await withToken('https://host/live/a/index.m3u8?token=old', token)).toBe(expected);
});
