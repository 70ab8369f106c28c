import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'vite';

const RELOAD = fileURLToPath(new URL('reload-page.ts', import.meta.url));
const IN_PAGE = '/@freshet-reload';

/** An output of `vite.config.ts` and the workspace that it is built from. */
export interface Page {
  readonly mode: 'watch' | 'embed' | 'console';
  readonly folder: 'apps/viewer' | 'apps/console';
  readonly reloads: boolean;
}

/** `watch` first: most changes are viewed in it, and its first build empties the folder of the embed. */
export const PAGES: readonly Page[] = [
  { mode: 'watch', folder: 'apps/viewer', reloads: true },
  { mode: 'console', folder: 'apps/console', reloads: true },
  // Runs in pages of other sites.
  { mode: 'embed', folder: 'apps/viewer', reloads: false },
];

/** Adds `reload-page.ts` to every page, as a file because the pages' policy allows no inline script. */
const reload: Plugin = {
  name: 'freshet-reload',
  resolveId: (id) => (id === IN_PAGE ? RELOAD : undefined),
  transformIndexHtml: {
    order: 'pre',
    handler: () => [{ tag: 'script', attrs: { type: 'module', src: IN_PAGE } }],
  },
};

/** Builds one output at the place where the server looks for it: fast, readable, and with `reload-page.ts`. */
export async function buildPage(root: string, { mode }: Page, isFirst: boolean): Promise<void> {
  await build({
    configFile: path.join(root, 'vite.config.ts'),
    mode,
    plugins: [reload],
    build: {
      // The code stays readable this way; source maps would double the time of a build.
      minify: false,
      reportCompressedSize: false,
      // Later builds leave the files of open pages alone.
      ...(!isFirst && { emptyOutDir: false }),
    },
  });
}

/** Makes every open page of `folder` reload: `reload-page.ts` reads this file. */
export function reloadPages(root: string, folder: Page['folder']): void {
  const assets = path.join(root, folder, 'dist/assets');
  mkdirSync(assets, { recursive: true });
  writeFileSync(path.join(assets, 'build-id.txt'), `${Date.now()}\n`);
}
