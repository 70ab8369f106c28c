import { copyFile, cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build as buildWithVite } from 'vite';
import webpack from 'webpack';
import { Program } from '../programs/program.ts';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));

/** The example for npm users, in a folder outside of this workspace, with the packed client installed. */
export class NpmExample {
  readonly #folder: string;

  /** @throws Error with npm's output if packing or installing fails. */
  static async install(): Promise<NpmExample> {
    const folder = await mkdtemp(join(tmpdir(), 'freshet-example-'));
    const example = new NpmExample(folder);
    try {
      await run('node', [join(ROOT, 'packages/client/scripts/pack.mjs'), join(folder, 'pack')], ROOT);
      await run('npm', ['pack', './pack'], folder);
      const tarball = (await readdir(folder)).find((file) => file.endsWith('.tgz'));
      if (tarball === undefined) throw new Error('npm pack made no tarball');
      await cp(join(ROOT, 'examples/hls.js'), folder, {
        recursive: true,
        filter: (path) => !path.includes('node_modules') && !path.endsWith('package.json'),
      });
      await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
      const hls = join(ROOT, 'node_modules/hls.js');
      // Offline: besides a bundler, a user needs only the tarball and its one peer dependency. Without scripts: hls.js
      // is linked from here, and its scripts would run in our node_modules.
      const flags = ['--offline', '--ignore-scripts', '--no-audit', '--no-fund'];
      await run('npm', ['install', ...flags, `./${tarball}`, hls], folder);
    } catch (error) {
      await example.remove();
      throw error;
    }
    return example;
  }

  private constructor(folder: string) {
    this.#folder = folder;
  }

  remove(): Promise<void> {
    return rm(this.#folder, { recursive: true, force: true });
  }

  /** @returns the folder with the built page, `index.html`. */
  async vite(): Promise<string> {
    const outDir = join(this.#folder, 'dist');
    await buildWithVite({
      root: this.#folder,
      base: './',
      configFile: false,
      logLevel: 'error',
      build: { outDir },
    });
    return outDir;
  }

  /**
   * @returns the same, built by webpack without a configuration.
   * @throws Error with webpack's errors and warnings, but those about size.
   */
  async webpack(): Promise<string> {
    const path = join(this.#folder, 'dist-webpack');
    await new Promise<void>((resolve, reject) => {
      const options = {
        mode: 'production',
        context: this.#folder,
        entry: './main.js',
        output: { path },
      } as const;
      webpack({ ...options, performance: false }, (error, stats) => {
        if (error !== null) reject(error);
        else if (stats === undefined || stats.hasErrors() || stats.hasWarnings())
          reject(new Error(stats?.toString({ all: false, errors: true, warnings: true })));
        else resolve();
      });
    });
    await copyFile(join(this.#folder, 'index.html'), join(path, 'index.html'));
    return path;
  }
}

async function run(command: string, args: readonly string[], cwd: string): Promise<void> {
  const program = new Program({ name: command, command, args, cwd });
  const how = await program.exited;
  if (how !== 'exit code 0') throw new Error(`${command} ${args.join(' ')}: ${how}\n${program.output}`);
}
