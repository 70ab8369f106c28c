import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DEFAULT_POLICY } from '@freshet/protocol';
import Hls from 'hls.js';
import { Server } from 'socket.io';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Freshet } from './freshet.ts';
import { FakeHls, Media } from './testing/fake-hls.ts';

let http: HttpServer;
let server: Server;
let url: string;
let answer: unknown;
let freshet: Freshet | undefined;
const page = new EventTarget();

beforeEach(async () => {
  answer = {
    welcome: { peer: 'p'.repeat(16), resume: 'r'.repeat(43), policy: DEFAULT_POLICY, announcements: [] },
  };
  http = createServer();
  server = new Server(http, { path: '/tv/swarm' });
  server.on('connection', (socket) => {
    socket.on('join', (_join: unknown, reply: (reply: unknown) => void) => {
      reply(answer);
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/tv/live/demo/index.m3u8`;
  vi.stubGlobal(
    'RTCPeerConnection',
    class {
      close = () => undefined;
    },
  );
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
});
afterEach(async () => {
  freshet?.destroy();
  freshet = undefined;
  vi.unstubAllGlobals();
  await server.close();
});

const reaches = (code: string) =>
  vi.waitFor(() => {
    expect(freshet?.statistics.stateCode).toBe(code);
  }, 5000);

test('joins at construction and reports it', async () => {
  freshet = new Freshet({ url });
  const states: string[] = [];
  freshet.on('state', ({ state, stateCode }) => states.push(`${state} ${stateCode}`));
  expect(freshet.state).toBe('connecting');
  await reaches('joined');
  expect(states).toEqual(['swarming joined']);
  expect(freshet.hlsConfig()).toHaveProperty('fLoader');
  expect(freshet.hlsConfig()).toHaveProperty('pLoader');
});

test.each<[string, () => ConstructorParameters<typeof Freshet>[0]]>([
  ['switched-off', () => ({ url, p2p: false })],
  ['foreign-url', () => ({ url: 'https://cdn.example/master.m3u8' })],
  ['foreign-url', () => ({ url: 'no url' })],
  [
    'no-webrtc',
    () => {
      vi.stubGlobal('RTCPeerConnection', undefined);
      return { url };
    },
  ],
])('%s: is plain at once and gives the reason', (code, options) => {
  freshet = new Freshet(options());
  expect(freshet.statistics).toMatchObject({ state: 'plain', stateCode: code, offload: 0, neighbours: 0 });
  expect(freshet.statistics.stateReason).toMatch(/^[A-Z].*\.$/);
  expect(freshet.hlsConfig()).not.toHaveProperty('pLoader');
  expect(server.engine.clientsCount).toBe(0);
});

test('joins on a page where WebRTC is blocked, and turns plain when the player plays', async () => {
  const blocked = vi.fn(function () {
    throw new DOMException('blocked', 'NotAllowedError');
  });
  vi.stubGlobal('RTCPeerConnection', blocked);
  freshet = new Freshet({ url });
  await reaches('joined');
  const hls = new FakeHls();
  freshet.attach(hls as unknown as Hls);
  hls.media = new Media();
  hls.emit(Hls.Events.MEDIA_ATTACHED);
  expect(blocked).not.toHaveBeenCalled();
  hls.media.dispatchEvent(new Event('playing'));
  expect(freshet.statistics).toMatchObject({ state: 'plain', stateCode: 'no-webrtc' });
  await vi.waitFor(() => {
    expect(server.engine.clientsCount).toBe(0);
  });
  hls.media.dispatchEvent(new Event('playing'));
  expect(blocked).toHaveBeenCalledOnce();
});

test('turns plain with the server’s message as a warning when the versions differ', async () => {
  answer = { refusal: { code: 'version', message: 'reload the page' } };
  freshet = new Freshet({ url });
  const warnings: unknown[] = [];
  freshet.on('warning', (warning) => warnings.push(warning));
  await reaches('version');
  expect(freshet.state).toBe('plain');
  expect(warnings).toEqual([{ code: 'refused', message: 'reload the page' }]);
});

test('keeps connecting while the tracker is unreachable', async () => {
  await server.close();
  freshet = new Freshet({ url });
  await reaches('tracker-unreachable');
  expect(freshet.state).toBe('connecting');
});

test('leaves the swarm with the page, and joins again when the page returns from the cache', async () => {
  freshet = new Freshet({ url });
  await reaches('joined');
  page.dispatchEvent(new Event('pagehide'));
  await vi.waitFor(() => {
    expect(server.engine.clientsCount).toBe(0);
  });
  page.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }));
  await vi.waitFor(() => {
    expect(server.engine.clientsCount).toBe(1);
  });
  await reaches('joined');
});

test('reports the viewer’s switch in the statistics, at most once a second', async () => {
  freshet = new Freshet({ url });
  await reaches('joined');
  const told: boolean[] = [];
  freshet.on('statistics', ({ uploads }) => told.push(uploads));
  freshet.setUploads(false);
  freshet.setUploads(true);
  freshet.setUploads(false);
  expect(freshet.statistics.uploads).toBe(false);
  expect(told).toEqual([]);
  await vi.waitFor(() => {
    expect(told).toEqual([false]);
  }, 3000);
});

test('disconnects, ignores the page and emits nothing once destroyed', async () => {
  freshet = new Freshet({ url });
  await reaches('joined');
  const told = vi.fn();
  freshet.destroy();
  freshet.destroy();
  freshet.on('state', told);
  await vi.waitFor(() => {
    expect(server.engine.clientsCount).toBe(0);
  });
  page.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }));
  expect(freshet.statistics).toMatchObject({ state: 'plain', stateCode: 'destroyed' });
  expect(told).not.toHaveBeenCalled();
  expect(server.engine.clientsCount).toBe(0);
});
