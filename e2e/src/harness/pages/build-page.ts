import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { slim } from '@freshet/client/slim';
import { build, defaultClientConditions, type Plugin } from 'vite';

const PAGES = fileURLToPath(new URL('../../pages/', import.meta.url));
const FRAMES = fileURLToPath(new URL('../../../../packages/protocol/src/frames.ts', import.meta.url));
const HONEST = join(PAGES, 'honest-frames.ts');

/** Bundles of the tests' swarm page: one from the product's sources, and one that sends corrupt pieces. */
export class SwarmPages {
  readonly folder: string;

  /** @throws Error if a bundle cannot be built, or if the polluter's bundle lacks the polluting codec. */
  static async build(): Promise<SwarmPages> {
    const pages = new SwarmPages(await mkdtemp(join(tmpdir(), 'freshet-pages-')));
    try {
      await pages.#bundle('honest');
      const lie = replaceFrames();
      await pages.#bundle('polluter', lie.plugin);
      if (!lie.replaced) throw new Error(`nothing imports ${FRAMES}`);
    } catch (error) {
      await pages.remove();
      throw error;
    }
    return pages;
  }

  private constructor(folder: string) {
    this.folder = folder;
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }

  async #bundle(name: string, plugin?: Plugin): Promise<void> {
    await build({
      configFile: false,
      logLevel: 'error',
      root: PAGES,
      resolve: { conditions: ['@freshet/source', ...defaultClientConditions] },
      plugins: plugin === undefined ? [slim()] : [slim(), plugin],
      build: {
        outDir: this.folder,
        emptyOutDir: false,
        minify: false,
        rolldownOptions: {
          input: join(PAGES, 'swarm-page.ts'),
          output: { format: 'iife', entryFileNames: `${name}.js` },
        },
      },
    });
  }
}

/** Replaces every import of the frame codec with the polluting one, which itself imports the honest one. */
function replaceFrames(): { readonly plugin: Plugin; readonly replaced: boolean } {
  let replaced = false;
  const plugin: Plugin = {
    name: 'polluting-frames',
    enforce: 'pre',
    async resolveId(source, importer) {
      if (!source.endsWith('/frames.ts') || importer === undefined || importer === HONEST) return undefined;
      const found = await this.resolve(source, importer, { skipSelf: true });
      if (found?.id !== FRAMES) return undefined;
      replaced = true;
      return join(PAGES, 'polluting-frames.ts');
    },
  };
  return {
    plugin,
    get replaced() {
      return replaced;
    },
  };
}
