import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DEFAULT_POLICY, type Join, type JoinReply, LIMITS, PROTOCOL_VERSION } from '@freshet/protocol';
import { Server, type Socket } from 'socket.io';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { AccessToken } from '../origin/access-token.ts';
import { TrackerLink } from './tracker-link.ts';

const PEER = 'p'.repeat(16);
const OTHER = 'o'.repeat(16);
const RESUME = 'r'.repeat(43);
const welcomed = { peer: PEER, resume: RESUME, policy: DEFAULT_POLICY, announcements: [] };
const welcome: JoinReply = { welcome: welcomed };
const announcement = {
  epoch: 1,
  rendition: '0a0b0c0d',
  msn: 5,
  bytes: 20_000,
  durationMs: 2000,
  hashes: Buffer.alloc(64, 3),
  injectors: [],
};

let http: HttpServer;
let server: Server;
let link: TrackerLink | undefined;
/** What the tracker answers to `join`. */
let answer: (join: Join) => unknown;
let joins: Join[];
let received: [string, unknown][];
let sockets: Socket[];

function listen(port = 0): Promise<void> {
  http = createServer();
  server = new Server(http, { path: '/tv/swarm' });
  server.on('connection', (socket) => {
    sockets.push(socket);
    socket.on('join', (join: Join, reply: (reply: unknown) => void) => {
      joins.push(join);
      reply(answer(join));
    });
    socket.onAny((name: string, message: unknown) => {
      if (name !== 'join') received.push([name, message]);
    });
  });
  return new Promise((resolve) => http.listen(port, '127.0.0.1', resolve));
}

beforeEach(async () => {
  joins = [];
  received = [];
  sockets = [];
  answer = () => welcome;
  await listen();
});
afterEach(async () => {
  link?.close();
  await server.close();
});

function connect(token?: string | (() => string), onTokenExpired?: () => string) {
  const handlers = {
    describe: vi.fn(() => ({ neighbours: [OTHER], renditions: ['0a0b0c0d'], uploads: true })),
    onWelcome: vi.fn(),
    onAnnouncement: vi.fn(),
    onIntroduction: vi.fn(),
    onSignal: vi.fn(),
    onPolicy: vi.fn(),
    onExpulsion: vi.fn(),
    onRefused: vi.fn(),
    onLost: vi.fn(),
  };
  const { port } = http.address() as AddressInfo;
  const address = {
    stream: 'demo',
    serverOrigin: `http://127.0.0.1:${port}`,
    signallingPath: '/tv/swarm',
    mediaPrefix: '',
  };
  link = new TrackerLink(address, new AccessToken('', token, onTokenExpired), handlers, () => undefined);
  link.connect();
  return { link, handlers, port };
}
const called = (mock: ReturnType<typeof vi.fn>, times = 1) =>
  vi.waitFor(() => {
    expect(mock).toHaveBeenCalledTimes(times);
  }, 8000);

test('joins with version, stream, token, neighbours and renditions', async () => {
  const { link: joined, handlers } = connect('secret');
  await called(handlers.onWelcome);
  expect(joined.joined).toBe(true);
  expect(joins).toEqual([
    {
      version: PROTOCOL_VERSION,
      stream: 'demo',
      token: 'secret',
      neighbours: [OTHER],
      renditions: ['0a0b0c0d'],
      uploads: true,
    },
  ]);
});

test('sends another token when the tracker asks for it', async () => {
  const { handlers } = connect('first', () => 'second');
  await called(handlers.onWelcome);
  expect(joins[0]).toMatchObject({ token: 'first' });
  sockets[0]?.emit('renew');
  await vi.waitFor(() => {
    expect(received).toEqual([['token', { token: 'second' }]]);
  });
});

test('joins again with another token when its own was refused, but not for ever', async () => {
  vi.spyOn(Math, 'random').mockReturnValue(-0.95);
  answer = () => ({ refusal: { code: 'denied', message: 'The token has expired.' } });
  let number = 0;
  const { handlers } = connect('first', () => `another ${++number}`);
  await called(handlers.onRefused, 3);
  expect(joins.map(({ token }) => token)).toEqual(['first', 'another 1', 'another 2']);
  expect(handlers.onRefused.mock.calls.map(([, final]) => final as boolean)).toEqual([false, false, true]);
  vi.restoreAllMocks();
});

test('a viewer whose membership the tracker ends does not come back without another token', async () => {
  const { handlers } = connect('only');
  await called(handlers.onWelcome);
  sockets[0]?.emit('refused', { code: 'denied', message: 'Access to this stream was revoked.' });
  await called(handlers.onRefused);
  expect(handlers.onRefused.mock.calls[0]?.[1]).toBe(true);
});

test('joins again at once on another network, but not twice in a row', async () => {
  const { link: joined, handlers } = connect();
  await called(handlers.onWelcome);
  const [first] = sockets;
  const renewedAt = performance.now();
  joined.renew();
  await called(handlers.onWelcome, 2);
  // Sooner than socket.io's own first delay.
  expect(performance.now() - renewedAt).toBeLessThan(500);
  expect(joins[1]).toMatchObject({ resume: RESUME });
  expect(first?.connected).toBe(false);
  joined.renew();
  expect(joined.joined).toBe(true);
  expect(handlers.onLost).not.toHaveBeenCalled();
});

test('does not shorten the wait after a refusal on another network', async () => {
  answer = () => ({ refusal: { code: 'full', message: 'Full.' } });
  const { link: refused, handlers } = connect();
  await called(handlers.onRefused);
  refused.renew();
  // A join by the renewed link would arrive before that of a link opened after it.
  const { link: second, handlers: ofSecond } = connect();
  await called(ofSecond.onRefused);
  expect(joins).toHaveLength(2);
  refused.close();
  second.close();
});

test('validates messages from the tracker, including binary piece lists', async () => {
  const { handlers } = connect();
  await called(handlers.onWelcome);
  const [socket] = sockets;
  socket?.emit('announce', { ...announcement, hashes: Buffer.alloc(63) });
  socket?.emit('introduce', { peer: '<script>', dial: true });
  socket?.emit('signal', { from: OTHER, signal: { type: 'offer', sdp: 'rubbish' } });
  socket?.emit('policy', 'off');
  socket?.emit('expel');
  socket?.emit('announce', announcement);
  socket?.emit('introduce', { peer: OTHER, dial: true });
  socket?.emit('signal', { from: OTHER, signal: { type: 'offer', sdp: 'v=0' } });
  socket?.emit('policy', { ...DEFAULT_POLICY, mode: 'off' });
  socket?.emit('expel', { peer: OTHER });
  await called(handlers.onExpulsion);
  expect(handlers.onAnnouncement.mock.calls).toMatchObject([[{ msn: 5, bytes: 20_000 }]]);
  expect(handlers.onAnnouncement.mock.calls[0]?.[0]).toHaveProperty('hashes.length', 64);
  expect(handlers.onIntroduction.mock.calls).toEqual([[{ peer: OTHER, dial: true }]]);
  expect(handlers.onSignal.mock.calls).toEqual([[OTHER, { type: 'offer', sdp: 'v=0' }]]);
  expect(handlers.onPolicy.mock.calls).toMatchObject([[{ mode: 'off' }]]);
});

test('carries signals, reports of corrupt pieces and the goodbye', async () => {
  const { link: joined, handlers } = connect();
  await called(handlers.onWelcome);
  joined.signal(OTHER, { type: 'answer', sdp: 'v=0' });
  joined.pollution({ peer: OTHER, epoch: 1, rendition: '0a0b0c0d', msn: 5, piece: 0 });
  joined.leave();
  await vi.waitFor(() => {
    expect(received.map(([name]) => name)).toEqual(['signal', 'pollution', 'leave']);
  });
  expect(joined.joined).toBe(false);
  joined.connect();
  await called(handlers.onWelcome, 2);
  expect(joins[1]?.resume).toBe(RESUME);
});

test('joins again with its resume secret after the server restarted', async () => {
  const { link: joined, handlers, port } = connect();
  await called(handlers.onWelcome);
  await server.close();
  await called(handlers.onLost);
  expect(joined.joined).toBe(false);
  await listen(port);
  await called(handlers.onWelcome, 2);
  expect(joins[1]).toMatchObject({ resume: RESUME, neighbours: [OTHER] });
}, 15_000);

test.each(['version', 'denied', 'malformed', 'flood'])(
  'does not try again after the refusal %s',
  async (code) => {
    answer = () => ({ refusal: { code, message: 'no' } });
    const { handlers } = connect();
    await called(handlers.onRefused);
    expect(handlers.onRefused).toHaveBeenCalledWith({ code, message: 'no' }, true);
    await vi.waitFor(() => {
      expect(server.engine.clientsCount).toBe(0);
    });
    expect(handlers.onWelcome).not.toHaveBeenCalled();
  },
);

test.each(['full', 'draining', 'unknown-stream'])('tries again later after the refusal %s', async (code) => {
  answer = () => ({ refusal: { code, message: 'later' } });
  const { handlers } = connect();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    while (handlers.onRefused.mock.calls.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(handlers.onRefused).toHaveBeenCalledWith({ code, message: 'later' }, false);
    answer = () => welcome;
    vi.advanceTimersByTime(4000);
    expect(joins).toHaveLength(1);
    vi.advanceTimersByTime(6000);
  } finally {
    vi.useRealTimers();
  }
  await called(handlers.onWelcome);
});

test('does not take a malformed answer for a join', async () => {
  answer = () => ({ welcome: { peer: 'x' } });
  const { link: joined, handlers } = connect();
  await called(handlers.onLost);
  expect(joined.joined).toBe(false);
  expect(handlers.onWelcome).not.toHaveBeenCalled();
});

test('accepts as many announcements in a welcome as the limit allows', async () => {
  const announcements = Array.from({ length: LIMITS.announcementsInJoin }, (_, msn) => ({
    ...announcement,
    msn,
  }));
  answer = () => ({ welcome: { ...welcomed, announcements } });
  const { handlers } = connect();
  await called(handlers.onWelcome);
  const [told] = (handlers.onWelcome.mock.lastCall ?? []) as { announcements?: unknown[] }[];
  expect(told?.announcements).toHaveLength(LIMITS.announcementsInJoin);
});

test('ignores messages before the welcome', async () => {
  answer = () => {
    sockets[0]?.emit('expel', { peer: OTHER });
    return welcome;
  };
  const { handlers } = connect();
  await called(handlers.onWelcome);
  expect(handlers.onExpulsion).not.toHaveBeenCalled();
});

test('disconnects from the server and never reconnects once closed', async () => {
  const { link: joined, handlers } = connect();
  await called(handlers.onWelcome);
  joined.close();
  await vi.waitFor(() => {
    expect(server.engine.clientsCount).toBe(0);
  });
  joined.connect();
  expect(handlers.onLost).not.toHaveBeenCalled();
  expect(joins).toHaveLength(1);
});
