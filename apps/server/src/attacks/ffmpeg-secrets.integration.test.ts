import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { startAttackedServer } from '../testing/attacked-server.ts';
import { encoder, PROGRAMME } from '../testing/ffmpeg-source.ts';

it.skipIf(!existsSync('/proc/self/cmdline'))(
  'another user of the machine cannot broadcast with what the arguments of ffmpeg show',
  { timeout: 60_000 },
  async () => {
    const source = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'video/mp2t' });
      encoder(...PROGRAMME, '-f', 'mpegts', '-').stdout?.pipe(response);
    }).listen(0, '127.0.0.1');
    await once(source, 'listening');
    onTestFinished(() => {
      source.close();
      source.closeAllConnections();
    });
    const { port } = source.address() as AddressInfo;
    const server = await startAttackedServer([
      ...['--source', `tv=http://user:hunter2@127.0.0.1:${port}/tv.ts`, '--log-level', 'debug'],
    ]);
    const stream = server.directory.get('tv');
    await expect.poll(() => stream?.state, { timeout: 30_000 }).toBe('live');
    const started = server.logged
      .map((line) => JSON.parse(line) as { msg: string; pid: number })
      .findLast(({ msg }) => msg === 'ffmpeg started');
    const shown = (await readFile(`/proc/${started?.pid}/cmdline`, 'utf8')).split('\0');
    expect(shown).toContain('-fpre');
    expect(shown.join(' ')).not.toContain('hunter2');
    const address = shown.find((argument) => /^http:\/\/127\.0\.0\.1:\d+\/.*\.m3u8$/.test(argument)) ?? '';
    expect(address).not.toBe('');
    expect((await fetch(address, { method: 'PUT', body: '#EXTM3U\n' })).status).toBe(403);
  },
);
