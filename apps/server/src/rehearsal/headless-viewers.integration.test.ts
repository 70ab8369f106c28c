import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findChromium } from './find-chromium.ts';
import { type HeadlessViewers, openHeadlessViewers } from './headless-viewers.ts';

const log = pino({ level: 'silent' });
let folder: string;
let site: Server;
let url: string;
let seen: string[];
let opened: HeadlessViewers[];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'freshet-headless-'));
  seen = [];
  opened = [];
  site = createServer((request, response) => {
    const asked = request.url ?? '';
    if (asked !== '/favicon.ico') seen.push(asked);
    response.setHeader('Content-Type', 'text/html');
    // A new profile counts its first visit; a page in the foreground reports that it is visible.
    // The last candidate is none.
    response.end(
      `<script>if(location.search==='?candidates'){const c=new RTCPeerConnection();c.createDataChannel('');c.onicecandidate=({candidate:f})=>fetch('/candidate/'+encodeURIComponent(f?.candidate??''));c.setLocalDescription()}</script><script>if(location.search==='?now'){const n=Number(localStorage.getItem('visits')??0)+1;localStorage.setItem('visits',n);fetch('/said/'+n+'/'+document.visibilityState+'/'+isSecureContext)}</script>`,
    );
  });
  await new Promise<void>((done) => site.listen(0, '127.0.0.1', done));
  url = `http://127.0.0.1:${(site.address() as AddressInfo).port}/page?now`;
});
afterEach(async () => {
  await Promise.all(opened.map((viewers) => viewers.stop()));
  site.closeAllConnections();
  site.close();
  await rm(folder, { recursive: true, force: true });
});

async function program(text: string): Promise<string> {
  const file = path.join(folder, 'program');
  await writeFile(file, `#!/bin/sh\n${text}\n`);
  await chmod(file, 0o755);
  return file;
}
function open(options: { readonly file: string; readonly count: number }): HeadlessViewers {
  const viewers = openHeadlessViewers({ ...options, url, log });
  opened.push(viewers);
  return viewers;
}
const profiles = async () =>
  (await readdir(tmpdir())).filter((name) => name.startsWith('freshet-rehearsal-'));

const chromium = findChromium(process.env['CHROMIUM_PATH']);

test.skipIf(chromium === undefined)(
  'opens pages in the foreground, each with its own profile, and leaves no files behind',
  async () => {
    const before = await profiles();
    // Tests often run as root, where Chromium requires --no-sandbox. The product never passes it.
    const file = await program(`exec "${chromium ?? ''}" --no-sandbox "$@"`);
    const viewers = open({ file, count: 3 });
    await expect
      .poll(() => seen.filter((path) => path.startsWith('/said')), { timeout: 25_000 })
      .toHaveLength(3);
    expect(new Set(seen)).toEqual(new Set(['/page?now', '/said/1/visible/true']));
    await viewers.stop();
    expect(await viewers.ended).toBeUndefined();
    expect(await profiles()).toEqual(before);
  },
);

test.skipIf(chromium === undefined)('pages tell no address of the machine', async () => {
  const file = await program(`exec "${chromium ?? ''}" --no-sandbox "$@"`);
  url = url.replace('?now', '?candidates');
  open({ file, count: 1 });
  const candidates = () => seen.filter((asked) => asked.startsWith('/candidate')).map(decodeURIComponent);
  await expect.poll(candidates, { timeout: 25_000 }).toContain('/candidate/');
  for (const candidate of candidates().filter((each) => each !== '/candidate/'))
    expect(candidate).toMatch(/ [\da-f-]{36}\.local \d+ typ host/);
});

test('reports why Chromium exited', async () => {
  const file = await program('echo "Running as root without --no-sandbox is not supported." >&2; exit 1');
  const viewers = open({ file, count: 1 });
  expect(await viewers.ended).toMatch(/Running as root without --no-sandbox/);
});

test('stops a program that is not Chromium', async () => {
  const file = await program('exec sleep 60');
  const viewers = open({ file, count: 1 });
  await viewers.stop();
  expect(await viewers.ended).toBeUndefined();
});

test('looks for the operator’s program only', async () => {
  const file = await program('true');
  expect(findChromium(file)).toBe(file);
  expect(findChromium(path.join(folder, 'none'))).toBeUndefined();
});
