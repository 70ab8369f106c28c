import { expect, test } from 'vitest';
import { FollowedRenditions } from './followed-renditions.ts';

test('follows the last rendition of each kind, and reports changes', () => {
  const followed = new FollowedRenditions();
  expect(followed.asked('main', '0000000b', 0)).toBe(true);
  expect(followed.asked('main', '0000000b', 10)).toBe(false);
  expect(followed.asked('audio', '0000000a', 20)).toBe(true);
  expect(followed.renditions).toEqual(['0000000a', '0000000b']);
  expect(followed.asked('main', '0000000c', 30)).toBe(true);
  expect(followed.renditions).toEqual(['0000000a', '0000000c']);
});

test('stops following a kind that is no longer requested', () => {
  const followed = new FollowedRenditions();
  followed.asked('subtitle', '0000000d', 0);
  followed.asked('main', '0000000c', 20_000);
  expect(followed.asked('main', '0000000c', 31_000)).toBe(true);
  expect(followed.renditions).toEqual(['0000000c']);
});
