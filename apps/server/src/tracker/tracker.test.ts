import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DEFAULT_SHARING } from '@freshet/api';
import {
  type Announcement,
  DEFAULT_POLICY,
  type Introduction,
  type JoinReply,
  LIMITS,
  type Policy,
  PROTOCOL_VERSION,
  type Refusal,
  type SignalFrom,
} from '@freshet/protocol';
import { pino } from 'pino';
import { io, type Socket } from 'socket.io-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { storeSegment } from '../buffer/stored-segment.ts';
import { Budgets } from '../guard/budgets.ts';
import { LiveStream } from '../stream/live-stream.ts';
import { groupOf } from './sharing.ts';
import { RECORDED } from '../testing/recorded-signals.ts';
import { Tracker } from './tracker.ts';

const rendition = '0123abcd';
/** The counters of a report. */
const NOTHING = { peerBytes: 0, originBytes: 0, uploadedBytes: 0, stalls: 0 };
const signal = RECORDED['chromium']?.[0]?.[1];

let httpServer: Server;
let tracker: Tracker;
let stream: LiveStream;
let url: string;
let sockets: Socket[];
let counted: string[];

beforeEach(async () => {
  sockets = [];
  counted = [];
  stream = new LiveStream({ name: 'live', epoch: 7 });
  httpServer = createServer();
  await new Promise<void>((done) => httpServer.listen(0, '127.0.0.1', done));
  url = `http://127.0.0.1:${(httpServer.address() as AddressInfo).port}`;
  tracker = new Tracker({
    httpServer,
    path: '/swarm',
    findStream: (name) => (name === 'live' ? stream : undefined),
    policy: { ...DEFAULT_POLICY, maxNeighbours: 4 },
    isRehearsalPass: (name, token) => name === 'live' && token === 'the-pass',
    trustProxy: 0,
    budgets: new Budgets({
      ...{ bits: { v4: 24, v6: 48 }, maxViewers: 5, now: () => performance.now() },
      onRefused: (budget) => counted.push(`no ${budget}`),
    }),
    log: pino({ level: 'silent' }),
    metrics: {
      countAnnouncement: () => counted.push('announcement'),
      countRejectedMessage: (reason) => counted.push(reason),
      countPollution: () => counted.push('pollution'),
      countBan: () => counted.push('ban'),
      countDifference: () => counted.push('difference'),
      observeConnect: (_stream, ms) => counted.push(`connected in ${ms}`),
    },
    now: () => performance.now(),
    seed: 1,
  });
});

afterEach(async () => {
  for (const socket of sockets) socket.disconnect();
  await tracker.close();
  await stream.close();
  httpServer.close();
});

function connect(): Socket {
  const socket = io(url, { path: '/swarm', transports: ['websocket'], forceNew: true, reconnection: false });
  sockets.push(socket);
  return socket;
}
function next<T>(socket: Socket, event: string): Promise<T> {
  return new Promise((done) => socket.once(event, done));
}
async function ask(socket: Socket, change: object = {}): Promise<JoinReply> {
  const join = {
    version: PROTOCOL_VERSION,
    stream: 'live',
    neighbours: [],
    renditions: [rendition],
    uploads: true,
  };
  return (await socket.emitWithAck('join', { ...join, ...change })) as JoinReply;
}
async function join(change: object = {}) {
  const socket = connect();
  const reply = await ask(socket, change);
  if (!('welcome' in reply)) throw new Error(reply.refusal.message);
  return { socket, ...reply.welcome };
}
function publish(msn: number): void {
  const media = {
    data: Buffer.alloc(50_000, msn),
    contentType: 'video/mp4',
    extension: 'm4s',
    durationMs: 2000,
  };
  stream.emit('segment', storeSegment({ epoch: 7, rendition, msn }, media));
}

describe('join', () => {
  it('welcomes a viewer with an id, the policy and no announcements', async () => {
    const ann = await join();
    expect(ann.policy.maxNeighbours).toBe(4);
    expect(ann.announcements).toEqual([]);
    expect(tracker.viewers('live')).toBe(1);
  });

  it('returns the id to a viewer that presents its secret, even while its old connection is open', async () => {
    const ann = await join();
    const gone = next(ann.socket, 'disconnect');
    const again = await join({ resume: ann.resume });
    expect(again.peer).toBe(ann.peer);
    await gone;
    expect(tracker.viewers('live')).toBe(1);
  });

  it('continues the counts of a viewer that reconnects while its old connection is open', async () => {
    const ann = await join();
    const report = { neighbours: [], renditions: [], uploads: true, seeking: true, ...NOTHING };
    const kinds = { direct: 0, reflexive: 1, relayed: 0, unknown: 0 };
    ann.socket.emit('report', { ...report, stalls: 1, links: kinds });
    await expect.poll(() => tracker.view('live')?.links.reflexive).toBe(1);
    const again = await join({ resume: ann.resume });
    again.socket.emit('report', { ...report, stalls: 1, links: { ...kinds, reflexive: 2 } });
    await expect.poll(() => tracker.view('live')?.links.reflexive).toBe(2);
    expect(tracker.view('live')?.totals.stalls).toBe(1);
    expect(tracker.view('live')?.groups().sharing.viewers).toBe(1);
  });

  it('C3: introduces a viewer again at once when it reconnects while its old connection is open', async () => {
    const ann = await join();
    const met = next<{ peer: string }>(ann.socket, 'introduce');
    const bob = await join();
    expect(await met).toMatchObject({ peer: bob.peer });
    const again = next<{ peer: string }>(ann.socket, 'introduce');
    await join({ resume: bob.resume });
    expect(await again).toMatchObject({ peer: bob.peer });
    // After 20 s the two would be introduced again anyway.
  }, 10_000);

  it.each<[string, object, Refusal['code']]>([
    ['another version', { version: 99 }, 'version'],
    ['an unknown stream', { stream: 'nosuch' }, 'unknown-stream'],
    ['an invalid name', { stream: '../x' }, 'malformed'],
    ['too many renditions', { renditions: new Array(99).fill(rendition) }, 'malformed'],
  ])('refuses %s with the reason', async (_, change, code) => {
    const reply = await ask(connect(), change);
    expect(reply).toMatchObject({ refusal: { code, message: expect.stringMatching(/\w/) as string } });
  });

  it('refuses viewers above the maximum, and everyone while draining', async () => {
    for (let i = 0; i < 5; i++) await join();
    expect(await ask(connect())).toMatchObject({ refusal: { code: 'full' } });
    tracker.drain();
    expect(await ask(connect())).toMatchObject({ refusal: { code: 'draining' } });
  });
});

describe('the swarm', () => {
  it('introduces two viewers, and passes signals between these two only', async () => {
    const ann = await join();
    const metAnn = next<Introduction>(ann.socket, 'introduce');
    const bob = connect();
    const metBob = next<Introduction>(bob, 'introduce');
    const reply = await ask(bob);
    const bobId = 'welcome' in reply ? reply.welcome.peer : '';
    expect(await metBob).toEqual({ peer: ann.peer, dial: true });
    expect(await metAnn).toEqual({ peer: bobId, dial: false });

    const heard = next<SignalFrom>(ann.socket, 'signal');
    bob.emit('signal', { to: 'AAAAAAAAAAAAAAAA', signal });
    bob.emit('signal', { to: ann.peer, signal });
    expect(await heard).toEqual({ from: bobId, signal });
    expect(counted).toEqual(['not-introduced']);
  });

  it('announces a segment to everyone, with its piece list and its injectors', async () => {
    const ann = await join();
    const bob = await join({ neighbours: [ann.peer] });
    ann.socket.emit('report', {
      ...{ neighbours: [bob.peer], renditions: [rendition], uploads: true, seeking: false },
      ...{ peerBytes: 0, originBytes: 0, uploadedBytes: 0, stalls: 0 },
    });
    await expect.poll(() => tracker.links('live')).toBe(1);
    const told = [next<Announcement>(ann.socket, 'announce'), next<Announcement>(bob.socket, 'announce')];
    publish(42);
    for (const announcement of await Promise.all(told)) {
      expect(announcement).toMatchObject({ epoch: 7, rendition, msn: 42, bytes: 50_000, durationMs: 2000 });
      expect(announcement.hashes.length).toBe(4 * 32);
      expect(announcement.injectors.reduce((sum, { count }) => sum + count, 0)).toBe(4);
    }
    expect(counted).toContain('announcement');
  });

  it('P8: announces parts as they come, with injectors, and their segment as their sum', async () => {
    const ann = await join();
    const bob = await join({ neighbours: [ann.peer] });
    ann.socket.emit('report', {
      ...{ neighbours: [bob.peer], renditions: [rendition], uploads: true, seeking: false },
      ...{ peerBytes: 0, originBytes: 0, uploadedBytes: 0, stalls: 0 },
    });
    await expect.poll(() => tracker.links('live')).toBe(1);
    const held = stream.buffer.declareRendition(rendition, { type: 'video' });
    const type = { contentType: 'video/mp4', extension: 'm4s' };
    const told: Announcement[] = [];
    bob.socket.on('announce', (announcement: Announcement) => told.push(announcement));
    held.edge.offer(500);
    held.edge.begin(
      { msn: 3, epoch: 7, timeline: 0, lines: [], keys: [], init: undefined, initKeys: [] },
      type,
    );
    for (const [text, independent] of [
      ['ab', true],
      ['cde', false],
    ] as const)
      held.edge.add({ data: Buffer.from(text), durationMs: 500, independent });
    await expect.poll(() => told.length).toBe(2);
    expect(told).toMatchObject([
      { msn: 3, part: 0, bytes: 2, durationMs: 500, injectors: [{ first: 0, count: 1 }] },
      { msn: 3, part: 1, bytes: 3, durationMs: 500, injectors: [{ first: 0, count: 1 }] },
    ]);
    expect((await join()).announcements).toMatchObject([{ part: 0 }, { part: 1 }]);
    held.append({ msn: 3, data: Buffer.from('abcde'), durationMs: 1000, ...type });
    await expect.poll(() => told.length).toBe(3);
    const parts = [
      { bytes: 2, durationMs: 500 },
      { bytes: 3, durationMs: 500 },
    ];
    expect(told[2]).toMatchObject({ msn: 3, bytes: 5, parts, injectors: [] });
    expect(told[2]?.part).toBeUndefined();
    const sum = Buffer.concat(told.slice(0, 2).map(({ hashes }) => hashes));
    expect(Buffer.from(told[2]?.hashes ?? [])).toEqual(sum);
    expect((await join()).announcements).toMatchObject([{ msn: 3, parts }]);
  });

  it('ends the link of a viewer that reports a corrupt piece, and bans nobody for it', async () => {
    const mal = await join();
    const other = await join();
    const told = next(other.socket, 'expel');
    other.socket.emit('pollution', { peer: mal.peer, epoch: 7, rendition, msn: 1, piece: 0 });
    expect(await told).toEqual({ peer: mal.peer });
    expect(mal.socket.connected).toBe(true);
    expect(counted.filter((what) => what !== 'announcement')).toEqual(['pollution']);
  });

  it('announces an on-demand segment without injectors', async () => {
    const ann = await join({ renditions: [rendition] });
    const told = next<Announcement>(ann.socket, 'announce');
    const held = stream.buffer.declareRendition(rendition, { type: 'video' });
    held.appendOnDemand({ msn: 3, durationMs: 2000, origin: 'https://cdn/3.ts' }, 'ts');
    held.putOnDemand(3, { data: Buffer.alloc(10), contentType: 'video/mp2t' });
    expect(await told).toMatchObject({ msn: 3, bytes: 10, injectors: [], url: 'https://cdn/3.ts' });
  });

  it('S10: switches sharing off when all viewers report a difference, and tells newcomers why', async () => {
    const viewers = [await join(), await join(), await join()];
    const difference = { epoch: 7, rendition, msn: 1 };
    const told = viewers.map(({ socket }) => next<Policy>(socket, 'policy'));
    for (let often = 0; often < 5; often++) viewers[0]?.socket.emit('difference', difference);
    await expect.poll(() => counted.length).toBe(5);
    expect(tracker.isPerViewer('live')).toBe(false);
    for (const i of [1, 2]) viewers[i]?.socket.emit('difference', difference);
    for (const policy of await Promise.all(told))
      expect(policy).toMatchObject({ mode: 'off', because: 'per-viewer', maxNeighbours: 4 });
    expect(tracker.isPerViewer('live')).toBe(true);
    expect((await join()).policy).toMatchObject({ mode: 'off', because: 'per-viewer' });
    expect(counted).toEqual(new Array(7).fill('difference'));
  });

  it('sends the broadcaster’s changes to every viewer at once, and to later ones when they join', async () => {
    const viewers = [await join(), await join()];
    const told = viewers.map(({ socket }) => next<Policy>(socket, 'policy'));
    tracker.setSharing('live', { ...DEFAULT_SHARING, mode: 'off' });
    for (const policy of await Promise.all(told)) expect(policy.mode).toBe('off');
    const late = await join();
    expect(late.policy.mode).toBe('off');
    expect(tracker.viewers('live')).toBe(3);
    const met = next<Introduction>(late.socket, 'introduce');
    tracker.setSharing('live', DEFAULT_SHARING);
    expect(viewers.map(({ peer }) => peer)).toContain((await met).peer);
  });

  it('S3, S8: stops sharing while a viewer is on a cellular network, if the broadcaster wants that', async () => {
    await join();
    tracker.setSharing('live', { ...DEFAULT_SHARING, cellular: 'off' });
    expect((await join({ cellular: true })).policy.mode).toBe('off');
    const { socket, policy } = await join();
    expect(policy.mode).toBe('full');
    const report = { ...{ neighbours: [], renditions: [], uploads: false, seeking: true }, ...NOTHING };
    for (const [cellular, mode] of [
      [true, 'off'],
      [false, 'full'],
    ] as const) {
      const told = next<Policy>(socket, 'policy');
      socket.emit('report', { ...report, cellular });
      expect((await told).mode).toBe(mode);
    }
    expect(tracker.view('live')?.groups().sharing.viewers).toBe(3);
  });

  it('C5: counts how long links took to open', async () => {
    const { socket } = await join();
    const report = { ...{ neighbours: [], renditions: [], uploads: false, seeking: true }, ...NOTHING };
    for (const [links, ms] of [
      [0, 0],
      [1, 250],
      [2, 750],
    ])
      socket.emit('report', { ...report, dialled: { links, ms } });
    await expect.poll(() => counted).toEqual(['connected in 250', 'connected in 500']);
  });

  it('puts viewers with the pass of a rehearsal into a group of their own, which shares', async () => {
    await join({ token: 'another' });
    tracker.setSharing('live', { ...DEFAULT_SHARING, holdOutPercent: 50, rampPercent: 0 });
    expect((await join({ token: 'another' })).policy.mode).toBe('off');
    expect((await join({ token: 'the-pass' })).policy.mode).toBe('full');
    expect(tracker.view('live')?.groups().rehearsing.viewers).toBe(1);
  });

  it('never introduces a viewer that is held out', async () => {
    const buckets = Array.from({ length: 100 }, (_, bucket) => bucket);
    const sharing = { ...DEFAULT_SHARING, holdOutPercent: 50 };
    const [out, ...others] = [...buckets].sort(
      (a, b) =>
        Number(groupOf(sharing, 'live', b) === 'held-out') -
        Number(groupOf(sharing, 'live', a) === 'held-out'),
    );
    await join();
    tracker.setSharing('live', sharing);
    const heldOut = await join({ experimentBucket: out });
    expect(heldOut.policy.mode).toBe('off');
    let met = 0;
    heldOut.socket.on('introduce', () => met++);
    const first = await join({ experimentBucket: others.at(-1) });
    const second = connect();
    const introduced = next<Introduction>(second, 'introduce');
    await ask(second, { experimentBucket: others.at(-2) });
    expect((await introduced).peer).not.toBe(heldOut.peer);
    expect(first.policy.mode).toBe('full');
    expect(met).toBe(0);
    expect(tracker.view('live')?.groups()['held-out'].viewers).toBeGreaterThanOrEqual(1);
  });

  it('disconnects the viewers of a removed stream', async () => {
    const ann = await join();
    const gone = next(ann.socket, 'disconnect');
    tracker.forget('live');
    await gone;
    expect(tracker.viewers('live')).toBe(0);
  });

  it('forgets a viewer that disconnects or leaves', async () => {
    const ann = await join();
    const bob = await join();
    ann.socket.disconnect();
    await expect.poll(() => tracker.viewers('live')).toBe(1);
    bob.socket.emit('leave');
    await expect.poll(() => tracker.viewers('live')).toBe(0);
  });
});

describe('hostile messages', () => {
  it('answers a malformed message with the error, counts it, and keeps the connection', async () => {
    const ann = await join();
    const refused = next<Refusal>(ann.socket, 'refused');
    ann.socket.emit('report', { neighbours: 'everyone' });
    expect(await refused).toMatchObject({
      code: 'malformed',
      message: expect.stringContaining('neighbours') as string,
    });
    expect(counted).toEqual(['malformed']);
    expect(ann.socket.connected).toBe(true);
  });

  it.each<[string, (socket: Socket) => void]>([
    [
      'a flood',
      (socket) => {
        for (let i = 0; i < 1000; i++) socket.emit('leave');
      },
    ],
    [
      'twenty malformed messages',
      (socket) => {
        for (let i = 0; i < 20; i++) socket.emit('signal', null);
      },
    ],
    [
      'twenty events that do not exist',
      (socket) => {
        for (let i = 0; i < 20; i++) socket.emit(`event-${i}`);
      },
    ],
    [
      'a message larger than any honest one',
      (socket) => socket.emit('report', 'x'.repeat(LIMITS.signallingMessageBytes + 1)),
    ],
  ])('closes the connection on %s', async (_, attack) => {
    const ann = await join();
    const gone = next(ann.socket, 'disconnect');
    attack(ann.socket);
    await gone;
    await expect.poll(() => tracker.viewers('live')).toBe(0);
  });

  it('S1: answers joins only, and reads a message at the limit', async () => {
    const ann = await join();
    const report = { ...NOTHING, neighbours: [], renditions: [rendition], uploads: true, seeking: false };
    const answered = ann.socket.timeout(300).emitWithAck('report', report);
    await expect(answered).rejects.toThrow('timed out');
    const refused = next<Refusal>(ann.socket, 'refused');
    // The rest is for the quotes and the event's name.
    ann.socket.emit('report', 'x'.repeat(LIMITS.signallingMessageBytes - 100));
    expect(await refused).toMatchObject({ code: 'malformed' });
    expect(ann.socket.connected).toBe(true);
  });

  it('ignores messages before a join', async () => {
    const socket = connect();
    socket.emit('signal', { to: 'AAAAAAAAAAAAAAAA', signal });
    socket.emit('pollution', { peer: 'AAAAAAAAAAAAAAAA', epoch: 7, rendition, msn: 1, piece: 0 });
    expect(await ask(socket)).toHaveProperty('welcome');
  });
});

it('refuses sessions above the maximum of those that join, and accepts new ones when others have closed', async () => {
  const at = `${url}/swarm/?EIO=4&transport=polling`;
  const open = async () => {
    const response = await fetch(at);
    return { status: response.status, text: await response.text() };
  };
  // 205 may be joining. One network alone gets four fifths of that.
  const first = await Promise.all(Array.from({ length: 165 }, open));
  expect(new Set(first.map(({ status }) => status))).toEqual(new Set([200]));
  const more = await Promise.all(Array.from({ length: 50 }, open));
  expect(new Set(more.map(({ status }) => status))).toEqual(new Set([403]));
  const refused = connect();
  await next<Error>(refused, 'connect_error');

  const sid = /"sid":"([^"]+)"/.exec(first[0]?.text ?? '')?.[1] ?? '';
  const closing = '1';
  await fetch(`${at}&sid=${sid}`, { method: 'POST', body: closing });
  expect(await ask(connect())).toHaveProperty('welcome');
});
