import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Route, ROUTES, type RouteSpec, type Sharing, splitRoute } from '@freshet/api';
import express, { type Express } from 'express';
import { pino } from 'pino';
import request from 'supertest';
import * as v from 'valibot';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LiveStream } from '../stream/live-stream.ts';
import { StreamDirectory } from '../stream/stream-directory.ts';
import { Rehearsals } from '../rehearsal/rehearsals.ts';
import { SwarmView } from '../tracker/swarm-view.ts';
import { AdminToken } from './admin-token.ts';
import { AuditLog } from './audit-log.ts';
import { ConsoleFile } from './console-file.ts';
import { ConsoleStreams } from './console-streams.ts';
import { controlRouter } from './control-router.ts';
import { GateKeeper } from './gate-keeper.ts';
import { HANDLERS } from './handlers.ts';
import { openApi } from './open-api.ts';
import { SESSION_MS, Sessions } from './sessions.ts';
import { TrafficHistory } from './traffic-history.ts';

const TOKEN = 'sixteen-characters';
const log = pino({ level: 'silent' });

let folder: string;
let now: number;
let closed: string[];
let told: [string, Sharing][];
let directory: StreamDirectory;
let rehearsals: Rehearsals;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'freshet-control-'));
  now = 0;
  closed = [];
  told = [];
});
afterEach(async () => {
  await directory.close();
  await rm(folder, { recursive: true, force: true });
});

/** Assembles the console like the server, with streams that have no feed. `fixed` is a stream of the command line. */
async function start(dataDir: string | undefined = folder): Promise<Express> {
  directory = new StreamDirectory();
  const streams = new Map<string, LiveStream>();
  const opener = {
    directory: { get: (name: string) => streams.get(name), all: () => streams.values() },
    open: ({ name }: { name: string }) => {
      const stream = new LiveStream({ name, epoch: 1 });
      streams.set(name, stream);
      return stream;
    },
    close: async (name: string) => {
      await streams.get(name)?.close();
      streams.delete(name);
    },
  };
  opener.open({ name: 'fixed' });
  const { token } = await AdminToken.open(TOKEN, dataDir);
  const file = await ConsoleFile.open(dataDir);
  const consoleStreams = new ConsoleStreams({
    file,
    opener,
    checkUrl: (url) => (url.startsWith('http') ? { url } : { problem: 'is not one' }),
    hasTurn: true,
    onSharing: (name, sharing) => told.push([name, sharing]),
    onClosed: (name) => closed.push(name),
    log,
  });
  consoleStreams.openKept();
  const view = new SwarmView(() => now);
  view.joined('a'.repeat(16), 'sharing');
  rehearsals = new Rehearsals({
    openHeadless: undefined,
    counted: () => ({ originBytes: 0, publishedBytes: 0, peerBytes: 0 }),
    watching: () => ({ all: 0, rehearsing: 0 }),
    experiences: () => [],
    forget: () => undefined,
    ...{ now: () => now, log },
  });
  const audit = await AuditLog.open({ dataDir, wallClock: () => now, log });
  const gate = new GateKeeper({
    ...{ token, sessions: new Sessions(() => now), secure: false, now: () => now },
    onAttempt: () => undefined,
  });
  const app = express();
  app.use(
    '/control',
    controlRouter({
      ...{ file, streams: consoleStreams, history: new TrafficHistory(), rehearsals, gate, audit, log },
      access: {
        modeOf: (name) => (name === 'mine' ? 'token' : 'public'),
        revoke: () => ({ ended: 1, all: [] }),
      },
      uptimeSeconds: () => 5,
      stream: (name) => streams.get(name),
      view: () => view,
      trace: (name) => (name === 'fixed' ? '{"format":"freshet-trace"}\n' : undefined),
      totals: () => ({ originBytes: 1e9, publishedBytes: 5e8 }),
      viewers: () => 1,
      isPerViewer: () => false,
    }),
  );
  return app;
}

const bearer = { authorization: `Bearer ${TOKEN}` };

describe('signing in', () => {
  test('opens a session that expires', async () => {
    const app = await start();
    await request(app).get('/control/overview').expect(401, { error: 'Sign in first.' });
    const answer = await request(app).post('/control/session').send({ token: TOKEN }).expect(204);
    const [cookie = ''] = answer.get('Set-Cookie') ?? [];
    expect(cookie).toMatch(
      /^freshet-console=[\w-]{43}; Max-Age=43200; Path=\/; .*HttpOnly; SameSite=Strict$/,
    );
    const jar = { cookie: cookie.split(';', 1)[0] ?? '' };
    await request(app).get('/control/overview').set(jar).expect(200);
    await request(app).get('/control/session').set(jar).expect({ signedIn: true });
    now = SESSION_MS;
    await request(app).get('/control/overview').set(jar).expect(401);
  });

  test('signing out ends the session at once', async () => {
    const app = await start();
    const answer = await request(app).post('/control/session').send({ token: TOKEN });
    const jar = { cookie: answer.get('Set-Cookie')?.[0]?.split(';', 1)[0] ?? '' };
    await request(app).delete('/control/session').set(jar).expect(204);
    await request(app).get('/control/overview').set(jar).expect(401);
  });

  test('refuses wrong tokens, and looks at none after too many, while sessions continue', async () => {
    const app = await start();
    const signIn = (token: string) => request(app).post('/control/session').send({ token });
    const answer = await signIn(TOKEN);
    const jar = { cookie: answer.get('Set-Cookie')?.[0]?.split(';', 1)[0] ?? '' };
    for (let i = 0; i < 10; i++) await signIn(`wrong ${i}`).expect(401);
    await signIn('wrong').expect(429);
    await request(app).get('/control/overview').set('authorization', 'Bearer wrong').expect(429);
    await signIn(TOKEN).expect(429);
    await request(app).get('/control/overview').set(jar).expect(200);
    now += 60_000;
    await signIn(TOKEN).expect(204);
  });

  test('refuses changes by a page of another site', async () => {
    const app = await start();
    const change = () =>
      request(app).put('/control/money').set(bearer).send({ costPerGb: 1, currency: 'EUR' });
    await change().set('sec-fetch-site', 'cross-site').expect(403);
    await change().set('origin', 'https://elsewhere.example').expect(403);
    await change().set('sec-fetch-site', 'same-origin').expect(200);
    await change().expect(200);
  });

  test('generates the token once, keeps its hash, and does not start with a corrupt file', async () => {
    const first = await AdminToken.open(undefined, folder);
    expect(first.made).toMatch(/^[\w-]{32}$/);
    const second = await AdminToken.open(undefined, folder);
    expect(second.made).toBeUndefined();
    expect(second.token.matches(first.made ?? '')).toBe(true);
    expect(second.token.matches('')).toBe(false);
    const file = path.join(folder, 'admin-token.sha256');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readFile(file, 'utf8')).not.toContain(first.made);
    await writeFile(file, 'nonsense');
    await expect(AdminToken.open(undefined, folder)).rejects.toThrow('Remove it');
    directory = new StreamDirectory();
  });
});

describe('streams', () => {
  const add = (app: Express, name: string, url = 'http://host/x.m3u8') =>
    request(app).post('/control/streams').set(bearer).send({ name, url });

  test('are added, survive a restart, are stopped, started and removed', async () => {
    let app = await start();
    const added = await add(app, 'mine').expect(201);
    expect(added.body).toMatchObject({
      name: 'mine',
      url: 'http://host/x.m3u8',
      running: true,
      state: 'starting',
    });
    app = await start();
    const overview = await request(app).get('/control/overview').set(bearer).expect(200);
    expect(overview.body).toMatchObject({ kept: true, streams: [{ name: 'fixed' }, { name: 'mine' }] });
    const edit = (change: object) => request(app).patch('/control/streams/mine').set(bearer).send(change);
    expect((await edit({ running: false }).expect(200)).body).toMatchObject({ state: 'stopped' });
    expect(closed).toEqual(['mine']);
    app = await start();
    expect((await request(app).get('/control/streams/mine').set(bearer)).body).toMatchObject({
      running: false,
    });
    expect((await edit({ running: true, url: 'http://host/y.m3u8' })).body).toMatchObject({
      ...{ running: true, url: 'http://host/y.m3u8' },
    });
    await request(app).delete('/control/streams/mine').set(bearer).expect(204);
    await request(app).get('/control/streams/mine').set(bearer).expect(404);
    expect(await readFile(path.join(folder, 'console.json'), 'utf8')).not.toContain('mine');
  });

  test('without a folder changes are in memory only, and `isKept` is false', async () => {
    directory = new StreamDirectory();
    const file = await ConsoleFile.open(undefined);
    await file.change({ money: { costPerGb: 2, currency: 'EUR' } });
    expect([file.isKept, file.kept.money.costPerGb]).toEqual([false, 2]);
  });

  test('the server does not start with an unreadable file', async () => {
    directory = new StreamDirectory();
    await writeFile(path.join(folder, 'console.json'), '{"version":2}');
    await expect(ConsoleFile.open(folder)).rejects.toThrow('Repair it, or move it away');
  });

  test.each([
    ['a name in use', { name: 'fixed', url: 'http://h/' }, 409, /another name/],
    ['an invalid name', { name: '../x', url: 'http://h/' }, 400, /letters, digits/],
    ['an invalid address', { name: 'x', url: 'file:/etc/passwd' }, 400, /is not one/],
    ['a missing address', { name: 'x' }, 400, /^url: /],
    ['an unknown field', { name: 'x', url: 'http://h/', more: 1 }, 400, /^more: /],
    ['a list', [], 400, /./],
  ])('%s is refused with a message that says what to do', async (_what, body, status, message) => {
    const app = await start();
    const answer = await request(app).post('/control/streams').set(bearer).send(body);
    expect([answer.status, (answer.body as { error: string }).error]).toEqual([
      status,
      expect.stringMatching(message) as string,
    ]);
  });

  test('of a stream of the command line only sharing can be changed', async () => {
    const app = await start();
    await request(app).patch('/control/streams/fixed').set(bearer).send({ running: false }).expect(409);
    await request(app).delete('/control/streams/fixed').set(bearer).expect(409);
    await request(app).put('/control/streams/fixed/sharing').set(bearer).send({ mode: 'off' }).expect(200);
    expect(told).toMatchObject([['fixed', { mode: 'off', rampPercent: 100 }]]);
    const app2 = await start();
    expect((await request(app2).get('/control/streams/fixed').set(bearer)).body).toMatchObject({
      sharing: { mode: 'off' },
    });
  });

  test('`spent` is the measured bytes times the price', async () => {
    const app = await start();
    const show = async () =>
      (await request(app).get('/control/streams/fixed').set(bearer)).body as Record<string, unknown>;
    expect(await show()).toMatchObject({ originBytes: 1e9, offload: 0 });
    expect(await show()).not.toHaveProperty('spent');
    await request(app)
      .put('/control/money')
      .set(bearer)
      .send({ costPerGb: 0.05, currency: 'EUR' })
      .expect(200);
    expect(await show()).toMatchObject({ spent: 0.05, saved: 0 });
    await request(app).put('/control/money').set(bearer).send({ costPerGb: 1, currency: 'euro' }).expect(400);
  });

  test('the picture of the swarm contains no peer ids', async () => {
    const app = await start();
    const { text } = await request(app).get('/control/streams/fixed/swarm').set(bearer).expect(200);
    expect(text).not.toContain('aaaa');
    expect(JSON.parse(text)).toMatchObject({
      total: 1,
      viewers: [{ number: 0, group: 'sharing' }],
      links: [],
    });
  });

  test('a rehearsal is started, reported and stopped; without Chromium it needs pages that take part', async () => {
    const app = await start();
    const where = '/control/streams/fixed/rehearsal';
    const begin = (body: object) => request(app).post(where).set(bearer).send(body);
    await request(app).get(where).set(bearer).expect(200, { hasChromium: false, pages: 0, state: 'none' });
    expect((await begin({}).expect(409)).body).toEqual({
      error: expect.stringContaining('apt install chromium') as string,
    });
    await begin({ viewers: 0 }).expect(409);
    for (const wrong of [{ viewers: 13 }, { seconds: 601 }, { seconds: 19 }, { viewers: -1 }, { more: 1 }])
      await begin(wrong).expect(400);
    rehearsals.ask('fixed', 'a-page-of-it');
    await begin({ viewers: 0, seconds: 20 }).expect(201);
    await begin({ viewers: 0 }).expect(409);
    now = 7000;
    const stopped = await request(app).delete(where).set(bearer).expect(200);
    expect(stopped.body).toMatchObject({ state: 'stopped', elapsedSeconds: 7, figures: { viewers: 0 } });
    await request(app).post('/control/streams/none/rehearsal').set(bearer).send({}).expect(404);
  });

  test('history has two spans and refuses others', async () => {
    const app = await start();
    const ask = (query: string) => request(app).get(`/control/streams/fixed/history${query}`).set(bearer);
    await ask('').expect(200, { samples: [] });
    await ask('?span=hours').expect(200);
    await ask('?span=years').expect(400);
    await request(app).get('/control/streams/none/history').set(bearer).expect(404);
  });
});

describe('the API itself', () => {
  test('serves a document of every route and no other', async () => {
    const app = await start();
    const { text } = await request(app).get('/control/openapi.json').expect(200);
    expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(openApi())));
    const documented = Object.entries(openApi().paths).flatMap(([where, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${where}`),
    );
    const routes = Object.keys(ROUTES).map((route) => route.replace(' ', ' /control'));
    expect(documented.toSorted()).toEqual(routes.toSorted());
  });

  test('the document refers only to schemas that it contains, and names every field of a stream', () => {
    const { components, paths } = openApi();
    const refs = [...JSON.stringify({ components, paths }).matchAll(/"#\/components\/schemas\/(\w+)"/g)];
    expect(new Set(refs.map(([, name]) => name))).toEqual(new Set(Object.keys(components.schemas)));
    const { properties = {}, required } = components.schemas.Stream;
    expect(Object.keys(properties)).toEqual(Object.keys(ROUTES['GET /streams/{name}'].response.entries));
    expect(required).toContain('originBytes');
    expect(required).not.toContain('spent');
  });

  test('the document states what a request may contain', () => {
    const { paths } = openApi();
    expect(paths['/control/streams/{name}/history']?.['get']).toMatchObject({
      parameters: [
        { name: 'name', in: 'path', required: true },
        { name: 'span', in: 'query', required: false, schema: { enum: ['minutes', 'hours'] } },
      ],
    });
    expect(paths['/control/streams/{name}/rehearsal']?.['post']).toHaveProperty(
      ['requestBody', 'content', 'application/json', 'schema', 'properties', 'seconds'],
      { type: 'integer', minimum: 20, maximum: 600, default: 60 },
    );
    expect(paths['/control/session']?.['post']).toHaveProperty('security', []);
    expect(paths['/control/session']?.['post']).toHaveProperty('responses.204.description', 'Signed in');
  });

  test('answers every route in the shape that the document states', async () => {
    const app = await start();
    rehearsals.ask('fixed', 'a-page-of-it');
    const calls: readonly [route: Route, stream: string, body: object][] = [
      ['POST /session', '', { token: TOKEN }],
      ['GET /session', '', {}],
      ['DELETE /session', '', {}],
      ['PUT /money', '', { costPerGb: 2, currency: 'EUR' }],
      ['POST /streams', '', { name: 'mine', url: 'http://host/x.m3u8' }],
      ['GET /overview', '', {}],
      ['GET /audit', '', {}],
      ['PATCH /streams/{name}', 'mine', { running: false }],
      ['POST /streams/{name}/revocations', 'mine', { all: true }],
      ['DELETE /streams/{name}', 'mine', {}],
      ['GET /streams/{name}', 'fixed', {}],
      ['PUT /streams/{name}/sharing', 'fixed', { mode: 'off' }],
      ['GET /streams/{name}/history', 'fixed', {}],
      ['GET /streams/{name}/swarm', 'fixed', {}],
      ['GET /streams/{name}/trace', 'fixed', {}],
      ['POST /streams/{name}/rehearsal', 'fixed', { viewers: 0 }],
      ['GET /streams/{name}/rehearsal', 'fixed', {}],
      ['DELETE /streams/{name}/rehearsal', 'fixed', {}],
    ];
    for (const [route, stream, body] of calls) {
      const { method, path } = splitRoute(route);
      const { status, response, media }: RouteSpec = ROUTES[route];
      const agent = request(app);
      const answer = await agent[method](`/control${path.replace('{name}', stream)}`)
        .set(bearer)
        .send(body)
        .buffer(true);
      expect([route, answer.status]).toEqual([route, status]);
      // A field that the schema does not name would be missing in the parsed body.
      const output: unknown = media === 'application/json' ? answer.body : answer.text;
      if (status !== 204) expect(v.parse(response, output), route).toEqual(output);
    }
    expect(calls.map(([route]) => route).toSorted()).toEqual(Object.keys(ROUTES).toSorted());
  });

  test.each(Object.keys(HANDLERS))('%s needs the token', async (route) => {
    const app = await start();
    const { method, path } = splitRoute(route);
    const agent = request(app);
    await agent[method](`/control${path.replace('{name}', 'fixed')}`)
      .send({})
      .expect(401);
  });

  test('refuses a long body and a body that is not JSON, with a message', async () => {
    const app = await start();
    const send = (text: string) =>
      request(app).put('/control/money').set(bearer).set('content-type', 'application/json').send(text);
    await send('{').expect(400, { error: 'Invalid request: send JSON of at most 16 KiB.' });
    await send(`"${'x'.repeat(20_000)}"`).expect(413);
    await request(app).get('/control/nothing').set(bearer).expect(404);
  });
});
