import { request as httpRequest } from 'node:http';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { UploadStore } from '../upload/upload-store.ts';
import { IngestReceiver, type Intake, UPLOAD_HEADER } from './ingest-receiver.ts';

let store: UploadStore;
let intake: Intake;
let refused: string[];

beforeEach(async () => {
  refused = [];
  store = new UploadStore({ wallClock: () => 0 });
  const receiver = new IngestReceiver((reason) => refused.push(reason));
  intake = await receiver.open(store);
  onTestFinished(() => receiver.close());
});

const secretOf = ({ secret }: Intake) => ({ [UPLOAD_HEADER]: secret });
const send = (name: string, init: RequestInit = { method: 'PUT', body: 'x' }) =>
  fetch(intake.url + name, { ...init, headers: secretOf(intake) });

it('listens on loopback, and accepts PUT and POST', async () => {
  expect(new URL(intake.url).hostname).toBe('127.0.0.1');
  expect((await send('a.ts')).status).toBe(201);
  expect((await send('v0/b.ts', { method: 'POST', body: 'xyz' })).status).toBe(201);
  expect([store.files, store.bytes]).toEqual([2, 4]);
  expect((await send('a.ts', { method: 'DELETE' })).status).toBe(204);
  expect(store.files).toBe(1);
});

it('refuses requests without the secret, and all requests once the intake is closed', async () => {
  const { origin } = new URL(intake.url);
  for (const path of ['/0/guess/a.ts', '/a.ts', '/0//a.ts', '/0/a.ts', '/'])
    expect((await fetch(origin + path, { method: 'PUT', body: 'x' })).status, path).toBe(403);
  const guess = { method: 'PUT', body: 'x', headers: { [UPLOAD_HEADER]: 'guess' } };
  expect((await fetch(`${intake.url}a.ts`, guess)).status).toBe(403);
  expect(intake.url).not.toContain(intake.secret);
  intake.close();
  expect((await send('a.ts')).status).toBe(403);
  expect(new Set(refused)).toEqual(new Set(['key']));
  expect(store.files).toBe(0);
});

it('holds uploads until they are known to be wanted, and discards unwanted ones', async () => {
  for (const wanted of [true, false]) {
    const receiver = new IngestReceiver((reason) => refused.push(reason));
    onTestFinished(() => receiver.close());
    let decide: (wanted: boolean) => void = () => undefined;
    const decision = new Promise<boolean>((resolve) => (decide = resolve));
    const held = await receiver.open(store, decision);
    const answer = fetch(`${held.url}held-${wanted}.ts`, {
      ...{ method: 'PUT', body: 'x', headers: secretOf(held) },
    }).then(
      ({ status }) => status,
      () => 'cut',
    );
    expect(store.peek(`held-${wanted}.ts`)).toBeUndefined();
    decide(wanted);
    expect(await answer).toBe(wanted ? 201 : 'cut');
  }
  expect(store.files).toBe(1);
});

it('refuses names and methods that no encoder uses', async () => {
  expect((await send('a.html')).status).toBe(400);
  expect((await send('.hidden.ts')).status).toBe(400);
  expect((await send('a.ts', { method: 'GET' })).status).toBe(405);
  expect(refused).toEqual(['name', 'name', 'method']);
});

it('reads no more than the size limit of a segment, whether the length is declared or not', async () => {
  const body = Buffer.alloc(33 * 1024 * 1024);
  const status = (length: Record<string, string>) =>
    new Promise((resolve) => {
      const sending = httpRequest(
        `${intake.url}a.ts`,
        { method: 'PUT', headers: { ...length, ...secretOf(intake) } },
        ({ statusCode }) => {
          resolve(statusCode);
        },
      );
      // The response arrives before the whole body is sent, and closes the connection.
      sending.on('error', () => undefined);
      sending.end(body);
    });
  expect(await status({ 'Content-Length': String(body.length) })).toBe(413);
  expect(await status({ 'Transfer-Encoding': 'chunked' })).toBe(413);
  expect(store.files).toBe(0);
});

it('discards an incomplete file', async () => {
  const sending = httpRequest(`${intake.url}a.ts`, {
    method: 'PUT',
    headers: { 'Content-Length': '10', ...secretOf(intake) },
  });
  sending.on('error', () => undefined);
  sending.write('half', () => sending.destroy());
  await expect.poll(() => refused).toEqual(['broken-off']);
  expect(store.files).toBe(0);
});
