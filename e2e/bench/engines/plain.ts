import type { PageServer } from '../../src/harness/servers/page-server.ts';
import { addPlainPage } from '../../src/harness/pages/plain-page.ts';
import type { Engine } from './engine.ts';

/** hls.js alone: every viewer loads everything from the server. */
export function plainEngine(pages: PageServer): Engine {
  const url = addPlainPage(pages);
  return {
    name: 'plain',
    label: 'plain hls.js',
    serverArgs: () => [],
    page: (playlistUrl) => ({ url: url(playlistUrl), options: {} }),
    close: () => Promise.resolve(),
  };
}
