import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { startAttackedServer } from '../testing/attacked-server.ts';

const LIMIT_MB = 8;
const ts = Buffer.alloc(376);
ts[0] = ts[188] = 0x47;

/** Lists fifteen small segments more with every request, each with lines of some 100 kB. */
async function talkativeSource(): Promise<string> {
  let polls = 0;
  const server = createServer((request, response) => {
    if (request.url !== '/live.m3u8') {
      response.end(ts);
      return;
    }
    const lines = ['#EXTM3U', '#EXT-X-TARGETDURATION:1', `#EXT-X-MEDIA-SEQUENCE:${polls++ * 15}`];
    for (let i = 0; i < 15; i++) {
      for (let line = 0; line < 20; line++) lines.push(`#EXT-X-NOTE-${i}-${line}:${'x'.repeat(5000)}`);
      lines.push('#EXTINF:0.01,', `/${polls}-${i}.ts`);
    }
    response.end(lines.join('\n'));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/live.m3u8`;
}

it('a source cannot fill the memory with the lines of its playlists', { timeout: 40_000 }, async () => {
  const server = await startAttackedServer([
    ...['--source', `live=${await talkativeSource()}`, '--buffer-mb', String(LIMIT_MB)],
  ]);
  const buffer = server.directory.get('live')?.buffer;
  await expect.poll(() => buffer?.cutByBytes, { timeout: 30_000 }).toBe(true);
  const entries = [...(buffer?.renditions ?? [])].flatMap((rendition) => rendition.entries);
  const characters = entries.flatMap(({ lines }) => lines).reduce((sum, line) => sum + line.length, 0);
  expect(characters).toBeGreaterThan(1e6);
  expect(characters).toBeLessThan(LIMIT_MB * 1e6 + 256 * 1024);
});
