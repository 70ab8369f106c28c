import { expect, it } from 'vitest';
import { uploadKind } from './upload-name.ts';

it.each(['index.m3u8', 'v0/list.m3u8', 'a/b/c.M3U8', '_1.m3u'])('%s is a playlist', (name) => {
  expect(uploadKind(name)).toBe('playlist');
});

it.each(['seg-1.ts', 'v0/init.mp4', '0.m4s', 'a.aac'])('%s is media', (name) => {
  expect(uploadKind(name)).toBe('media');
});

it('accepts the manifest of DASH as neither playlist nor media', () => {
  expect(uploadKind('live.mpd')).toBe('other');
});

it.each([
  ...['', '/', '../a.ts', 'a/../b.ts', 'a//b.ts', '.hidden.ts', 'a/b/c/d.ts', 'a%2fb.ts', 'a b.ts', 'a\0.ts'],
  ...['a.html', 'a.js', 'a', 'a.ts/', `${'a'.repeat(101)}.ts`, 'ä.ts', 'a.ts?x=1', '\\a.ts'],
])('%j is refused', (name) => {
  expect(uploadKind(name)).toBeUndefined();
});
