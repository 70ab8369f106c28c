import { createHash } from 'node:crypto';
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  DEFAULT_POLICY,
  encodePieceList,
  type Join,
  PIECE_HEADER,
  pieceCount,
  pieceSpan,
  type Report,
  type SignalTo,
} from '@freshet/protocol';
import { Server, type Socket } from 'socket.io';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { AccessToken } from '../origin/access-token.ts';
import { parseStreamUrl } from '../origin/stream-address.ts';
import { LOST, type PeerLinkFactory } from '../peers/peer-link.ts';
import { SwarmSession } from './swarm-session.ts';
import { memoryLinks } from '../testing/memory-link.ts';

const RENDITION = '0a0b0c0d';
const segmentOf = (msn: number) => Buffer.from(Array.from({ length: 200_000 }, (_, i) => (i * msn) & 0xff));

let http: HttpServer;
let server: Server;
let base: string;
/** Bytes that left the origin, by path. */
let originBytes: Map<string, number>;
/** Piece lists that were requested. */
let listed: string[];
let pollution: unknown[];
let open: SwarmSession[];
let peers: Map<string, Socket>;
let joins: Join[];

/**
 * A tracker that introduces all viewers to one another and names the first as the injector, with an origin beside it.
 */
beforeEach(async () => {
  originBytes = new Map();
  listed = [];
  pollution = [];
  open = [];
  peers = new Map();
  joins = [];
  http = createServer((request, response) => {
    const path = request.url ?? '';
    const list = /\/(\d+)\.pieces\?epoch=1$/.exec(path)?.[1];
    if (list !== undefined) listed.push(path);
    const body =
      list === undefined ? segmentOf(Number(/\/(\d+)\.ts\?/.exec(path)?.[1])) : listOf(Number(list));
    const range = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? '');
    const part = range === null ? body : body.subarray(Number(range[1]), Number(range[2]) + 1);
    originBytes.set(path, (originBytes.get(path) ?? 0) + part.length);
    response.writeHead(range === null ? 200 : 206).end(part);
  });
  server = new Server(http, { path: '/swarm' });
  server.on('connection', (socket) => {
    let self = '';
    socket.on('join', (join: Join, reply: (reply: unknown) => void) => {
      joins.push(join);
      self = `${'p'.repeat(15)}${peers.size}`;
      reply({
        welcome: { peer: self, resume: 'r'.repeat(43), policy: DEFAULT_POLICY, announcements: [] },
      });
      for (const [other, theirs] of peers) {
        theirs.emit('introduce', { peer: self, dial: true });
        socket.emit('introduce', { peer: other, dial: false });
      }
      peers.set(self, socket);
    });
    socket.on('signal', ({ to, signal }: SignalTo) => peers.get(to)?.emit('signal', { from: self, signal }));
    socket.on('pollution', (report: unknown) => pollution.push(report));
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
});
afterEach(async () => {
  for (const session of open) session.close();
  await server.close();
});

function hashesOf(segment: Buffer): Buffer {
  return Buffer.concat(
    Array.from({ length: pieceCount(segment.length) }, (_, i) => {
      const { start, end } = pieceSpan(segment.length, i);
      return createHash('sha256').update(segment.subarray(start, end)).digest();
    }),
  );
}

function listOf(msn: number): Buffer {
  const segment = segmentOf(msn);
  return Buffer.from(encodePieceList({ bytes: segment.length, durationMs: 2000, hashes: hashesOf(segment) }));
}

/** @param content number of the segment whose piece list is announced. @param url at the broadcaster's CDN */
function announce(msn: number, content = msn, url?: string): void {
  const segment = segmentOf(content);
  const hashes = hashesOf(segment);
  const injectors = [{ peer: [...peers.keys()][0], first: 0, count: pieceCount(segment.length) }];
  server.emit('announce', {
    epoch: 1,
    rendition: RENDITION,
    msn,
    bytes: segment.length,
    durationMs: 2000,
    hashes,
    injectors,
    ...(url !== undefined && { url }),
  });
}

function join(openLink: PeerLinkFactory) {
  const states: string[] = [];
  const warnings: string[] = [];
  const address = parseStreamUrl(`${base}/live/demo/index.m3u8`);
  if (address === undefined) throw new Error('no address');
  const session = new SwarmSession({
    address,
    access: new AccessToken('', undefined, undefined),
    cdnQuery: () => 'viewer=me',
    cdnCredentials: undefined,
    uploads: true,
    storeBytes: 16 * 1024 * 1024,
    // Far from the playhead: there is time for the swarm.
    player: {
      deadlineOf: () => performance.now() + 20_000,
      bandwidthEstimate: 4e6,
      mayClimb: false,
      meter: { stalls: 0, startupMs: undefined },
      latencySeconds: undefined,
    },
    log: () => undefined,
    onState: (state, code) => states.push(`${state} ${code}`),
    onWarning: ({ code, message }) => warnings.push(code === 'internal' ? message : code),
    onChange: () => undefined,
    openLink,
  });
  open.push(session);
  session.join();
  session.playing();
  const play = (msn: number) =>
    new Promise<Buffer>((resolve, reject) => {
      const segment = session.accepts(`${base}/live/demo/${RENDITION}/${msn}.ts?epoch=1`);
      if (segment === undefined) throw new Error('not accepted');
      session.request({
        segment,
        kind: 'main',
        durationMs: 2000,
        mediaStart: 0,
        onSegment: (body) => {
          resolve(Buffer.from(body));
        },
        onFailed: (status) => {
          reject(new Error(`failed with ${status}`));
        },
        onProgress: () => undefined,
      });
    });
  return { session, states, warnings, play };
}

async function two(openFirst: PeerLinkFactory, openSecond: PeerLinkFactory) {
  const a = join(openFirst);
  await vi.waitFor(() => {
    expect(peers.size).toBe(1);
  });
  const b = join(openSecond);
  await vi.waitFor(() => {
    expect([a.session.neighbours, b.session.neighbours]).toEqual([1, 1]);
  }, 5000);
  return { a, b };
}

test('two viewers play, and one copy leaves the origin', async () => {
  const links = memoryLinks();
  const { a, b } = await two(links, links);
  for (const msn of [5, 6, 7]) {
    announce(msn);
    const bodies = await Promise.all([a.play(msn), b.play(msn)]);
    for (const body of bodies) expect(body.equals(segmentOf(msn))).toBe(true);
    expect(originBytes.get(`/live/demo/${RENDITION}/${msn}.ts?epoch=1`)).toBe(200_000);
  }
  expect(a.session.counters).toMatchObject({ originBytes: 600_000, playedBytes: 600_000, wastedBytes: 0 });
  expect(b.session.counters).toMatchObject({ peerBytes: 600_000, originBytes: 0, playedBytes: 600_000 });
  expect(a.session.counters.uploadedBytes).toBe(600_000);
  expect([...a.warnings, ...b.warnings]).toEqual([]);
  expect(a.states.at(-1)).toBe('swarming joined');
});

test('P5: never plays bytes that do not match, and disconnects and reports their sender', async () => {
  const links = memoryLinks();
  const corrupting: PeerLinkFactory = (options, handlers) => {
    const link = links(options, handlers);
    return {
      kind: undefined,
      signal: link.signal.bind(link),
      sendControl: link.sendControl.bind(link),
      close: link.close.bind(link),
      get isReady() {
        return link.isReady;
      },
      sendBulk: (frame) => {
        link.sendBulk(frame.map((byte, i) => (i < PIECE_HEADER ? byte : byte ^ 1)));
      },
    };
  };
  const { a, b } = await two(corrupting, links);
  announce(5);
  const [, body] = await Promise.all([a.play(5), b.play(5)]);
  expect(body.equals(segmentOf(5))).toBe(true);
  expect(b.session.counters.peerBytes).toBe(0);
  expect(b.warnings).toContain('bad-piece');
  await vi.waitFor(() => {
    expect(pollution).toContainEqual(expect.objectContaining({ peer: [...peers.keys()][0], msn: 5 }));
    expect(b.session.neighbours).toBe(0);
  });
});

test('P7: viewers without announcements fetch piece lists from the origin, and share', async () => {
  const links = memoryLinks();
  const { a, b } = await two(links, links);
  for (const msn of [5, 6]) {
    const bodies = await Promise.all([a.play(msn), b.play(msn)]);
    for (const body of bodies) expect(body.equals(segmentOf(msn))).toBe(true);
    expect(originBytes.get(`/live/demo/${RENDITION}/${msn}.ts?epoch=1`)).toBe(200_000);
  }
  expect(listed).toHaveLength(4);
  expect(a.session.counters.peerBytes + b.session.counters.peerBytes).toBe(400_000);
  expect([...a.warnings, ...b.warnings]).toEqual([]);
});

test('a viewer without neighbours and announcements plays from the origin', async () => {
  const { play, session } = join(memoryLinks());
  expect((await play(9)).equals(segmentOf(9))).toBe(true);
  expect(session.counters).toMatchObject({ originBytes: 200_000, playedBytes: 200_000 });
});

test('leaves loading to hls.js when the policy switches the swarm off', async () => {
  const { states, session } = join(memoryLinks());
  await vi.waitFor(() => {
    expect(states.at(-1)).toBe('swarming joined');
  });
  server.emit('policy', { ...DEFAULT_POLICY, mode: 'off' });
  await vi.waitFor(() => {
    expect(states.at(-1)).toBe('plain policy');
  });
  expect(session.accepts(`${base}/live/demo/${RENDITION}/5.ts?epoch=1`)).toBeUndefined();
  server.emit('policy', DEFAULT_POLICY);
  await vi.waitFor(() => {
    expect(states.at(-1)).toBe('swarming joined');
  });
});

test('C2: a viewer joins again at once when it loses its last link, but not when the other side closes it', async () => {
  const links = memoryLinks();
  let end: ((why: string) => void) | undefined;
  const mortal: PeerLinkFactory = (options, handlers) => {
    end = (why) => {
      link.close();
      handlers.onClosed(why);
    };
    const link = links(options, handlers);
    return link;
  };
  const { a, b } = await two(mortal, links);
  expect(joins).toHaveLength(2);
  end?.('closed by the other side');
  expect(a.session.neighbours).toBe(0);
  for (const [id, socket] of peers)
    socket.emit('introduce', { peer: [...peers.keys()].find((p) => p !== id), dial: id.endsWith('0') });
  await vi.waitFor(() => {
    expect([a.session.neighbours, b.session.neighbours]).toEqual([1, 1]);
  });
  expect(joins).toHaveLength(2);
  end?.(LOST);
  await vi.waitFor(() => {
    expect(joins).toHaveLength(3);
  });
  expect(joins[2]).toMatchObject({ neighbours: [], resume: 'r'.repeat(43) });
});

test('C5: reports links by kind, and how long those that it dialled took to open', async () => {
  const reports: Report[] = [];
  server.on('connection', (socket) => socket.on('report', (report: Report) => reports.push(report)));
  const links = memoryLinks();
  const { a, b } = await two(links, links);
  announce(5);
  await Promise.all([a.play(5), b.play(5)]);
  await vi.waitFor(() => {
    expect(reports.filter(({ links: kinds }) => kinds?.direct === 1)).not.toEqual([]);
  }, 5000);
  expect(reports.map(({ dialled }) => dialled?.links)).toContain(1);
  expect(a.session.links.kinds).toEqual({ direct: 1, reflexive: 0, relayed: 0, unknown: 0 });
  expect([a.session.links.connectMs, b.session.links.connectMs]).toContain(undefined);
});

test('disconnects a neighbour whose messages cannot be decoded', async () => {
  const links = memoryLinks();
  const babbling: PeerLinkFactory = (options, handlers) =>
    links(options, {
      onMessage: handlers.onMessage.bind(handlers),
      onSignal: handlers.onSignal.bind(handlers),
      onDrained: handlers.onDrained.bind(handlers),
      onClosed: handlers.onClosed.bind(handlers),
      onOpen: () => {
        handlers.onOpen();
        handlers.onMessage(Uint8Array.of(255, 1, 2));
      },
    });
  const a = join(links);
  await vi.waitFor(() => {
    expect(peers.size).toBe(1);
  });
  const b = join(babbling);
  await vi.waitFor(() => {
    expect(b.states).toContain('swarming joined');
    expect(a.session.neighbours).toBe(0);
    expect(b.session.neighbours).toBe(0);
  });
});

test('leaves no connection and no timer when closed during transfers', async () => {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'],
    shouldAdvanceTime: true,
  });
  try {
    const links = memoryLinks();
    const { a, b } = await two(links, links);
    announce(5);
    const plays = [a.play(5), b.play(5), a.play(8)].map((play) => play.catch(() => undefined));
    a.session.close();
    b.session.close();
    await Promise.all(plays);
    await vi.waitFor(() => {
      expect(server.engine.clientsCount).toBe(0);
    });
    await server.close();
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});

test('a page that cannot verify pieces plays plain HLS and gives the reason', async () => {
  vi.stubGlobal('crypto', { getRandomValues: crypto.getRandomValues.bind(crypto) });
  vi.doMock('@noble/hashes/sha2.js', () => {
    throw new Error('404');
  });
  try {
    const { session, states } = join(memoryLinks());
    await vi.waitFor(() => {
      expect(states.at(-1)).toBe('plain no-sha256');
    }, 5000);
    expect(session.accepts(`${base}/live/demo/${RENDITION}/1.ts?epoch=1`)).toBeUndefined();
  } finally {
    vi.doUnmock('@noble/hashes/sha2.js');
    vi.unstubAllGlobals();
  }
});

test('S10: plays per-viewer segments, reports them, and stops sharing', async () => {
  const differences: unknown[] = [];
  server.on('connection', (socket) => socket.on('difference', (said: unknown) => differences.push(said)));
  const { states, session, play } = join(memoryLinks());
  await vi.waitFor(() => {
    expect(states.at(-1)).toBe('swarming joined');
  });
  for (const msn of [5, 6, 7]) {
    // The announced piece lists are those of other content.
    announce(msn, 100 + msn);
    expect((await play(msn)).equals(segmentOf(msn))).toBe(true);
  }
  expect(states.at(-1)).toBe('plain per-viewer');
  expect(session.accepts(`${base}/live/demo/${RENDITION}/8.ts?epoch=1`)).toBeUndefined();
  await vi.waitFor(() => {
    expect(differences).toEqual([{ epoch: 1, rendition: RENDITION, msn: 7 }]);
  });
  // A later policy changes nothing.
  server.emit('policy', DEFAULT_POLICY);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(states.at(-1)).toBe('plain per-viewer');
});

test('fetches segments from the broadcaster’s CDN with this viewer’s query', async () => {
  const { session, states, play } = join(memoryLinks());
  await vi.waitFor(() => {
    expect(states.at(-1)).toBe('swarming joined');
  });
  announce(5, 5, `${base}/cdn/5.ts?v=1`);
  session.accepts(`${base}/live/demo/${RENDITION}/4.ts?epoch=1`);
  expect((await play(5)).equals(segmentOf(5))).toBe(true);
  expect([...originBytes.keys()]).toEqual(['/cdn/5.ts?v=1&viewer=me']);
});
