import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished, vi } from 'vitest';
import { RenditionBuffer } from '../buffer/rendition-buffer.ts';
import { startAttackedServer } from '../testing/attacked-server.ts';

// An error that nobody catches fails the whole run of tests, as it would end the server.

it('a defect in a handler ends its request only', async () => {
  const server = await startAttackedServer();
  const stream = server.directory.get('demo');
  if (stream === undefined) throw new Error('no demo');
  await expect.poll(() => stream.playable).toBe(true);
  const broken = vi.spyOn(stream.buffer, 'rendition').mockImplementation(() => {
    throw new TypeError('a defect');
  });
  const [rendition] = [...stream.buffer.renditions];
  const playlist = `${server.url}/live/demo/${rendition?.id}/index.m3u8`;
  expect((await fetch(playlist)).status).toBe(500);
  broken.mockRestore();
  expect((await fetch(playlist)).status).toBe(200);
  expect(server.logged.join('')).toContain('a defect');
});

it('a defect while a segment is published costs that segment only', { timeout: 20_000 }, async () => {
  const ts = Buffer.alloc(376);
  ts[0] = ts[188] = 0x47;
  let polls = 0;
  const source = createServer((request, response) => {
    if (request.url !== '/live.m3u8') response.end(ts);
    else {
      const first = polls++;
      const segments = [0, 1, 2].map((i) => `#EXTINF:1,\n/${first + i}.ts`);
      response.end(
        `#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXT-X-MEDIA-SEQUENCE:${first}\n${segments.join('\n')}\n`,
      );
    }
  }).listen(0, '127.0.0.1');
  await once(source, 'listening');
  onTestFinished(() => {
    source.closeAllConnections();
    source.close();
  });
  const { port } = source.address() as AddressInfo;
  const server = await startAttackedServer(['--source', `live=http://127.0.0.1:${port}/live.m3u8`]);
  const stream = server.directory.get('live');
  const entries = () => [...(stream?.buffer.renditions ?? [])].flatMap((rendition) => rendition.entries);
  await expect.poll(() => entries().length, { timeout: 10_000 }).toBeGreaterThan(2);
  const broken = vi.spyOn(RenditionBuffer.prototype, 'append').mockImplementationOnce(() => {
    throw new RangeError('a defect');
  });
  onTestFinished(() => {
    broken.mockRestore();
  });
  await expect
    .poll(() => entries().some(({ segment }) => segment === undefined), { timeout: 10_000 })
    .toBe(true);
  const gap = entries().findIndex(({ segment }) => segment === undefined);
  await expect.poll(() => entries().slice(gap + 1).length, { timeout: 10_000 }).toBeGreaterThan(0);
  expect(entries().at(-1)?.segment).toBeDefined();
  expect(stream?.state).toBe('live');

  // A listener that always throws, as one of the tracker might.
  stream?.on('segment', () => {
    throw new TypeError('a defect of a listener');
  });
  const newest = entries().at(-1)?.msn ?? 0;
  await expect.poll(() => entries().at(-1)?.msn ?? 0, { timeout: 10_000 }).toBeGreaterThan(newest + 1);
});
