import { expect, it } from 'vitest';
import { greeting, localUrl } from './addresses.ts';

const plain = {
  console: 'off' as const,
  host: undefined,
  basePath: '',
  publicUrl: undefined,
  tlsCert: undefined,
  ingestKeys: [],
};

it.each([
  [{}, 'http://localhost:8080'],
  [{ host: '0.0.0.0', tlsCert: 'c.pem' }, 'https://localhost:8080'],
  [{ host: '::1', basePath: '/tv' }, 'http://[::1]:8080/tv'],
  [{ host: '127.0.0.1' }, 'http://127.0.0.1:8080'],
])('%j is reached at %s', (change, url) => {
  expect(localUrl({ ...plain, ...change }, 8080)).toBe(url);
});

it('prints the watch page, the playlist and the embed tag of each stream', () => {
  const config = { ...plain, publicUrl: 'https://tv.example.org/x', iceServers: [], p2p: 'full' as const };
  const text = greeting({ config, port: 8080, streams: ['live', 'other'] });
  expect(text).toContain('https://tv.example.org/x/watch/live');
  expect(text).toContain('https://tv.example.org/x/live/other/index.m3u8');
  expect(text).toContain('<script src="https://tv.example.org/x/embed.js" data-stream="live"></script>');
  expect(text).toContain('only viewers on the same network can share');
});

it('prints the address of the console, and its token if this start made it', () => {
  const config = { ...plain, console: 'on' as const, iceServers: [], p2p: 'full' as const };
  const text = greeting({ config, port: 8080, streams: [], madeToken: 'secret-token' });
  expect(text).toContain('http://localhost:8080/console/');
  expect(text).toContain('secret-token');
  expect(greeting({ config, port: 8080, streams: [] })).not.toContain('token');
  expect(greeting({ config: { ...config, console: 'off' }, port: 8080, streams: [] })).not.toContain(
    'console',
  );
});

it('warns of missing ICE servers only if sharing is on', () => {
  const iceServers = [{ urls: 'stun:h:1' }];
  const print = (config: Pick<Parameters<typeof greeting>[0]['config'], 'iceServers' | 'p2p'>) =>
    greeting({ config: { ...plain, ...config }, port: 1, streams: [] });
  expect(print({ iceServers, p2p: 'full' })).not.toContain('same network');
  expect(print({ iceServers: [], p2p: 'off' })).not.toContain('same network');
});

it('prints the push address of a stream that has a key, without the key', () => {
  const push = { kind: 'push' as const, name: 'tv', key: 'a-long-secret-key' };
  const config = { ...plain, ingestKeys: [push], iceServers: [], p2p: 'full' as const };
  const text = greeting({ config, port: 8080, streams: ['live', 'tv'] });
  expect(text).toContain('http://localhost:8080/ingest/tv/ITS-KEY/index.m3u8');
  expect(text).not.toContain('/ingest/live');
  expect(text).not.toContain(push.key);
});
