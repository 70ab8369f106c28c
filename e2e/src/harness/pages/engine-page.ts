import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { slim } from '@freshet/client/slim';
import { build, defaultClientConditions } from 'vite';
import type { PageServer } from '../servers/page-server.ts';
import { hlsPage } from './plain-page.ts';

const ENTRY = fileURLToPath(new URL('../../pages/engine-page.ts', import.meta.url));

export interface EnginePages {
  /** @param uploads false: this viewer uploads nothing. */
  readonly url: (playlistUrl: string, uploads?: boolean) => string;
  readonly remove: () => Promise<void>;
}

/**
 * The engine alone: the plain page's markup and hls.js, and the client as an integrator ships it. The watch page also
 * has controls and a panel, whose cost would count as the engine's.
 */
export async function addEnginePage(pages: PageServer): Promise<EnginePages> {
  const folder = await mkdtemp(join(tmpdir(), 'freshet-engine-'));
  await build({
    configFile: false,
    logLevel: 'error',
    resolve: { conditions: ['@freshet/source', ...defaultClientConditions] },
    plugins: [slim()],
    build: {
      outDir: folder,
      rolldownOptions: { input: ENTRY, output: { format: 'iife', entryFileNames: 'engine.js' } },
    },
  });
  const bundle = pages.addFolder('engine', folder);
  const page = hlsPage(pages, 'engine.html', `<script src="${bundle}engine.js"></script>`);
  return {
    url: (playlistUrl, uploads = true) => `${page(playlistUrl)}${uploads ? '' : '&uploads=off'}`,
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
