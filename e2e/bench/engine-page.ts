import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, defaultClientConditions } from 'vite';
import type { PageServer } from '../src/harness/page-server.ts';
import { hlsPage } from '../src/harness/plain-page.ts';

const ENTRY = fileURLToPath(new URL('../src/pages/engine-page.ts', import.meta.url));

/**
 * The engine alone: the plain page's markup and hls.js, and the client as an integrator ships it. The watch page has
 * controls and a panel besides, whose cost would be counted as the engine's.
 */
export async function addEnginePage(
  pages: PageServer,
): Promise<{ readonly url: (playlistUrl: string) => string; readonly remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'freshet-engine-'));
  await build({
    configFile: false,
    logLevel: 'error',
    resolve: { conditions: ['@freshet/source', ...defaultClientConditions] },
    build: {
      outDir: folder,
      rolldownOptions: { input: ENTRY, output: { format: 'iife', entryFileNames: 'engine.js' } },
    },
  });
  const bundle = pages.addFolder('engine', folder);
  return {
    url: hlsPage(pages, 'engine.html', `<script src="${bundle}engine.js"></script>`),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
