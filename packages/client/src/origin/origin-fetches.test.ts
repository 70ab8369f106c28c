import { createHash } from 'node:crypto';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pieceCount, pieceSpan } from '@freshet/protocol';
import type { PeerEvent } from '@freshet/swarm';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { OriginFetches } from './origin-fetches.ts';
import { PieceStore } from '../store/piece-store.ts';
import { makeDigest } from '../store/verify.ts';

const KEY = '1/0a0b0c0d/5';
const SEGMENT = Buffer.from(Array.from({ length: 100_000 }, (_, i) => (i * 7) & 0xff));
const COUNT = pieceCount(SEGMENT.length);
const HASHES = Buffer.concat(
  Array.from({ length: COUNT }, (_, i) => {
    const { start, end } = pieceSpan(SEGMENT.length, i);
    return createHash('sha256').update(SEGMENT.subarray(start, end)).digest();
  }),
);

let server: Server;
let url: string;
/** Requests that the test has yet to answer. */
let waiting: { response: ServerResponse; range: string | undefined }[];
let events: PeerEvent[];
let store: PieceStore;
let fetches: OriginFetches;
let wasted: number;
let received: number;
let bodyAtEnd: ArrayBuffer | undefined;
/** Set by tests that control the clock. */
let now: number | undefined;
beforeEach(async () => {
  waiting = [];
  events = [];
  wasted = received = 0;
  now = undefined;
  store = new PieceStore();
  server = createServer((request, response) => {
    waiting.push({ response, range: request.headers.range });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/5.ts`;
  fetches = new OriginFetches(
    {
      store,
      digest: makeDigest(),
      clock: () => now ?? performance.now(),
      dispatch: (event) => {
        if (event.type === 'origin-ended') bodyAtEnd = fetches.body(event.fetch);
        events.push(event);
      },
      onWasted: (bytes) => {
        wasted += bytes;
      },
    },
    {
      onBytes: (_key, bytes) => {
        received += bytes;
      },
      onPerViewer: () => undefined,
    },
  );
});
afterEach(() => {
  fetches.abortAll();
  server.closeAllConnections();
  server.close();
});

async function asked(n = 1) {
  await vi.waitFor(() => {
    expect(waiting).toHaveLength(n);
  });
  const last = waiting[n - 1];
  if (last === undefined) throw new Error('no request');
  return last;
}
async function ended() {
  await vi.waitFor(() => {
    expect(events.at(-1)?.type).toBe('origin-ended');
  });
  return events.at(-1);
}
/** Fetches one piece, on the test's clock. */
async function take(n: number, delayMs: number, streamingMs = 0): Promise<void> {
  fetches.start(n, KEY, url, { first: 1, last: 1 });
  const { response } = await asked(n);
  const { start, end } = pieceSpan(SEGMENT.length, 1);
  now = (now ?? 0) + delayMs;
  const before = received;
  response.writeHead(206).write(SEGMENT.subarray(start, start + 1000));
  await vi.waitFor(() => {
    expect(received).toBe(before + 1000);
  });
  now += streamingMs;
  response.end(SEGMENT.subarray(start + 1000, end));
  await vi.waitFor(() => {
    expect(events.at(-1)).toMatchObject({ type: 'origin-ended', fetch: n });
  });
}
const pieces = () => events.flatMap((event) => (event.type === 'origin-piece' ? [event.piece] : []));
const announce = () => {
  store.announce(KEY, SEGMENT.length, HASHES);
};

test('stores the verified pieces of a span one by one, then ends', async () => {
  announce();
  fetches.start(1, KEY, url, { first: 2, last: 4 });
  const { response, range } = await asked();
  const { start, end } = pieceSpan(SEGMENT.length, 2, 4);
  expect(range).toBe(`bytes=${start}-${end - 1}`);
  response.writeHead(206).end(SEGMENT.subarray(start, end));
  expect(await ended()).toMatchObject({ fetch: 1, outcome: 'ok', bytes: end - start });
  expect(pieces().sort()).toEqual([2, 3, 4]);
  expect(store.heldOf(KEY)?.size).toBe(3);
});

test('verifies a whole segment from its start when the piece list arrives midway', async () => {
  fetches.start(1, KEY, url, undefined);
  const { response } = await asked();
  response.write(SEGMENT.subarray(0, 60_000));
  await vi.waitFor(() => {
    expect(fetches.carrying(KEY)?.bytes).toBe(60_000);
  });
  expect(pieces()).toEqual([]);
  announce();
  fetches.announced(KEY);
  await vi.waitFor(() => {
    expect(pieces()).toHaveLength(3);
  });
  response.end(SEGMENT.subarray(60_000));
  expect(await ended()).toMatchObject({ outcome: 'ok', bytes: SEGMENT.length });
  expect(store.heldOf(KEY)?.isFull).toBe(true);
});

test('P6: a whole segment that is never announced is played as received', async () => {
  fetches.start(1, KEY, url, undefined);
  (await asked()).response.end(SEGMENT);
  expect(await ended()).toMatchObject({ outcome: 'ok' });
  expect(Buffer.from(bodyAtEnd ?? new ArrayBuffer(0)).equals(SEGMENT)).toBe(true);
  expect(fetches.body(1)).toBeUndefined();
});

test.each([
  ['other bytes', Buffer.alloc(SEGMENT.length)],
  ['another size', SEGMENT.subarray(0, 90_000)],
])('reports a mismatch for %s than announced, and does not store what differs', async (_name, sent) => {
  announce();
  fetches.start(1, KEY, url, undefined);
  (await asked()).response.end(sent);
  expect(await ended()).toMatchObject({ outcome: 'mismatch' });
  expect(store.heldOf(KEY)?.isFull).toBe(false);
});

test('keeps the HTTP status of a failure for the player', async () => {
  fetches.start(1, KEY, url, undefined);
  (await asked()).response.writeHead(404).end();
  expect(await ended()).toMatchObject({ outcome: 'failed' });
  expect(fetches.lastStatusOf(KEY)).toBe(404);
});

test('waits 3 s for a first byte, and 8 s after a time-out, until the origin answers again', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const ends = () => events.filter(({ type }) => type === 'origin-ended').length;
  const until = async (holds: () => boolean) => {
    while (!holds()) await new Promise(setImmediate);
  };
  try {
    for (const [fetch, ms] of [
      [1, 3000],
      [2, 8000],
    ] as const) {
      fetches.start(fetch, KEY, url, undefined);
      await until(() => waiting.length === fetch);
      vi.advanceTimersByTime(ms - 1);
      await new Promise(setImmediate);
      expect(ends()).toBe(fetch - 1);
      vi.advanceTimersByTime(1);
      await until(() => ends() === fetch);
    }
    fetches.start(3, KEY, url, undefined);
    await until(() => waiting.length === 3);
    waiting[2]?.response.writeHead(503).end();
    await until(() => ends() === 3);
    fetches.start(4, KEY, url, undefined);
    await until(() => waiting.length === 4);
    vi.advanceTimersByTime(3000);
    await until(() => ends() === 4);
  } finally {
    vi.useRealTimers();
  }
});

test('ends an aborted transfer once', async () => {
  announce();
  fetches.start(1, KEY, url, undefined);
  (await asked()).response.write(SEGMENT.subarray(0, 50_000));
  fetches.abort(1);
  expect(await ended()).toMatchObject({ outcome: 'aborted' });
  fetches.abort(1);
  expect(events.filter(({ type }) => type === 'origin-ended')).toHaveLength(1);
});

test('remembers the fastest of the last four transfers for 20 seconds', async () => {
  announce();
  now = 1000;
  expect(fetches.recentEvidence).toBeUndefined();
  await take(1, 10);
  for (const n of [2, 3, 4]) await take(n, 400);
  expect(fetches.recentEvidence?.ttfbMs).toBe(10);
  await take(5, 300);
  expect(fetches.recentEvidence?.ttfbMs).toBe(300);
  now = 1000 + 10 + 3 * 400 + 300 + 19_999;
  expect(fetches.recentEvidence?.ttfbMs).toBe(300);
  now += 1;
  expect(fetches.recentEvidence).toBeUndefined();
});

test('a transfer that streamed for 250 ms replaces faster ones before it', async () => {
  announce();
  now = 1000;
  await take(1, 10);
  await take(2, 40, 249);
  expect(fetches.recentEvidence?.ttfbMs).toBe(10);
  await take(3, 40, 250);
  expect(fetches.recentEvidence).toEqual({ bytes: 16_384, streamingMs: 250, ttfbMs: 40 });
  await take(4, 20);
  expect(fetches.recentEvidence?.ttfbMs).toBe(20);
});

test('fails at once for a segment whose address is not known', () => {
  fetches.start(1, KEY, undefined, undefined);
  expect(events).toMatchObject([{ type: 'origin-ended', fetch: 1, outcome: 'failed' }]);
});

test('counts pieces as waste that other viewers have delivered meanwhile', async () => {
  announce();
  const { end } = pieceSpan(SEGMENT.length, 0);
  store.put(KEY, 0, SEGMENT.subarray(0, end));
  fetches.start(1, KEY, url, { first: 0, last: 0 });
  (await asked()).response.writeHead(206).end(SEGMENT.subarray(0, end));
  expect(await ended()).toMatchObject({ outcome: 'ok' });
  expect(wasted).toBe(end);
  expect(pieces()).toEqual([]);
});

test('the origin carries a segment only while its transfers deliver all that is missing', async () => {
  announce();
  expect(fetches.carrying(KEY)).toBeUndefined();
  fetches.start(1, KEY, url, { first: 1, last: COUNT - 1 });
  expect(fetches.carrying(KEY)).toBeUndefined();
  const { end } = pieceSpan(SEGMENT.length, 0);
  store.put(KEY, 0, SEGMENT.subarray(0, end));
  expect(fetches.carrying(KEY)).toMatchObject({ bytes: 0 });
  (await asked()).response.writeHead(206).end(SEGMENT.subarray(end));
  await ended();
  expect(fetches.carrying(KEY)).toBeUndefined();
  expect(fetches.evidenceOf(KEY)?.bytes).toBe(SEGMENT.length - end);
});
