import { expect, test } from 'vitest';
import { Following } from './following.ts';

test('follows the last rendition of each kind, and says when that changes', () => {
  const following = new Following();
  expect(following.asked('main', '0000000b', 0)).toBe(true);
  expect(following.asked('main', '0000000b', 10)).toBe(false);
  expect(following.asked('audio', '0000000a', 20)).toBe(true);
  expect(following.renditions).toEqual(['0000000a', '0000000b']);
  expect(following.asked('main', '0000000c', 30)).toBe(true);
  expect(following.renditions).toEqual(['0000000a', '0000000c']);
});

test('a kind that is not asked for any more is followed no longer', () => {
  const following = new Following();
  following.asked('subtitle', '0000000d', 0);
  following.asked('main', '0000000c', 20_000);
  expect(following.asked('main', '0000000c', 31_000)).toBe(true);
  expect(following.renditions).toEqual(['0000000c']);
});
