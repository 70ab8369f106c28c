import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { FreshetServer } from '../harness/servers/freshet-server.ts';
import type { PageServer } from '../harness/servers/page-server.ts';
import { playing, playOn } from '../harness/viewers/play.ts';
import { statistics } from '../harness/viewers/statistics.ts';
import { expect, test } from '../harness/test.ts';

const EXAMPLES = fileURLToPath(new URL('../../../examples/', import.meta.url));

/** Pages that `npm run examples` builds. Each plays the stream of `?url=`. */
const BUILT = ['hls.js', 'element', 'react', 'vue', 'videojs', 'plyr', 'vidstack'];
/** Pages without a build, which name the server of `npm start`. */
const PLAIN = ['embed/index.html', 'embed/element.html'];

for (const name of [...BUILT, ...PLAIN])
  test(`the example ${name} plays, and its two viewers feed one another`, async ({
    startServer,
    pages,
    viewers,
  }) => {
    const server = await startServer();
    await server.live('demo');
    const url = BUILT.includes(name) ? builtPage(pages, name, server) : plainPage(pages, name, server);

    const first = await viewers.open('first', url);
    await playing([first]);
    const second = await viewers.open('second', url);
    await playing([second]);
    await playOn([first, second], 4);

    for (const { page } of [first, second])
      await expect
        .poll(async () => (await statistics(page))?.peerBytes ?? 0, {
          message: 'bytes from the other viewer',
          timeout: 30_000,
        })
        .toBeGreaterThan(0);
    for (const { page } of [first, second]) {
      expect((await statistics(page))?.state).toBe('swarming');
      if (name !== 'embed/index.html')
        await expect(page.locator('output, #figures')).toContainText(
          /^1 neighbours, [1-9]\d* % from viewers/,
        );
    }
  });

function builtPage(pages: PageServer, name: string, server: FreshetServer): string {
  const folder = `${EXAMPLES}${name}/dist`;
  if (!existsSync(folder)) throw new Error(`${folder} is missing: npm run examples builds it`);
  return `${pages.addFolder(name, folder)}index.html?url=${encodeURIComponent(server.playlistUrl('demo'))}`;
}

function plainPage(pages: PageServer, name: string, server: FreshetServer): string {
  const html = readFileSync(`${EXAMPLES}${name}`, 'utf8');
  expect(html).toContain('http://localhost:8080/');
  return pages.addPage(name, html.replaceAll('http://localhost:8080/', server.url));
}
