import { expect, it } from 'vitest';
import { greeting, localUrl } from './addresses.ts';

const plain = { host: undefined, basePath: '', publicUrl: undefined, tlsCert: undefined };

it.each([
  [{}, 'http://localhost:8080'],
  [{ host: '0.0.0.0', tlsCert: 'c.pem' }, 'https://localhost:8080'],
  [{ host: '::1', basePath: '/tv' }, 'http://[::1]:8080/tv'],
  [{ host: '127.0.0.1' }, 'http://127.0.0.1:8080'],
])('%j is reached at %s', (change, url) => {
  expect(localUrl({ ...plain, ...change }, 8080)).toBe(url);
});

it('prints the watch page, the playlist and the embed line of each stream', () => {
  const config = { ...plain, publicUrl: 'https://tv.example.org/x', iceServers: [], p2p: 'full' as const };
  const text = greeting({ config, port: 8080, streams: ['live', 'other'] });
  expect(text).toContain('https://tv.example.org/x/watch/live');
  expect(text).toContain('https://tv.example.org/x/live/other/index.m3u8');
  expect(text).toContain('<script src="https://tv.example.org/x/embed.js" data-stream="live"></script>');
  expect(text).toContain('only viewers of one network will share');
});

it('warns of missing ICE servers only where it matters', () => {
  const iceServers = [{ urls: 'stun:h:1' }];
  const print = (config: Pick<Parameters<typeof greeting>[0]['config'], 'iceServers' | 'p2p'>) =>
    greeting({ config: { ...plain, ...config }, port: 1, streams: [] });
  expect(print({ iceServers, p2p: 'full' })).not.toContain('one network');
  expect(print({ iceServers: [], p2p: 'off' })).not.toContain('one network');
});
