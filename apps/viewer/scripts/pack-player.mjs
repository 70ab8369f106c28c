/**
 * Writes the npm package `@freshet/player` to apps/viewer/npm/dist, or to the given folder. It contains the element as
 * ES modules that import the installed hls.js, `@freshet/client` and media-chrome; its declarations; and entries with
 * the types for React and for Vue.
 */
import { execFileSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { copyDeclarations } from '@freshet/client/packing';
import { build, defaultClientConditions } from 'vite';

const home = fileURLToPath(new URL('..', import.meta.url));
const root = join(home, '../..');
const out = process.argv[2] ?? join(home, 'npm/dist');
const tsc = join(root, 'node_modules/typescript/bin/tsc');

/** Dependencies that are installed, not bundled. */
const BESIDE = ['hls.js', '@freshet/client', 'media-chrome'];
/** Entries that export the element with types for a framework. */
const FRAMEWORKS = ['react', 'vue'];

process.env.NODE_ENV = 'production';
await rm(out, { recursive: true, force: true });
await mkdir(join(out, 'dist'), { recursive: true });
await build({
  root: home,
  configFile: false,
  logLevel: 'warn',
  resolve: { conditions: ['@freshet/source', ...defaultClientConditions] },
  build: {
    outDir: join(out, 'dist'),
    emptyOutDir: true,
    minify: false,
    target: 'es2022',
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    lib: { entry: join(home, 'src/player/element.ts'), formats: ['es'], fileName: 'element' },
    rolldownOptions: {
      external: (name) => BESIDE.some((one) => name === one || name.startsWith(`${one}/`)),
      output: { chunkFileNames: '[name].js' },
    },
  },
});
await declarations();
for (const name of FRAMEWORKS) {
  await writeFile(join(out, 'dist', `${name}.js`), "export * from './element.js';\n");
  await cp(join(home, 'npm', `${name}.d.ts`), join(out, 'dist', `${name}.d.ts`));
}
for (const page of ['README.md', 'CHANGELOG.md']) await cp(join(home, 'npm', page), join(out, page));
await cp(join(root, 'LICENSE'), join(out, 'LICENSE'));
await writeFile(join(out, 'package.json'), `${JSON.stringify(await manifest(), null, 2)}\n`);

async function declarations() {
  const node = (...args) => execFileSync(process.execPath, args, { stdio: 'inherit' });
  const packages = ['client', 'ui'].map((name) => join(root, `packages/${name}/tsconfig.src.json`));
  node(tsc, '-b', ...packages);
  const emitted = await mkdtemp(join(tmpdir(), 'freshet-player-types-'));
  try {
    const emit = [
      '--noEmit',
      'false',
      '--emitDeclarationOnly',
      '--composite',
      'false',
      '--incremental',
      'false',
    ];
    node(
      tsc,
      ...['-p', join(home, 'tsconfig.src.json'), ...emit, '--declarationMap', 'false', '--outDir', emitted],
    );
    const from = join(emitted, 'player');
    await copyDeclarations(
      { from, to: join(out, 'dist'), packages: ['hls.js', '@freshet/client'] },
      'element.d.ts',
    );
  } finally {
    await rm(emitted, { recursive: true, force: true });
  }
}

async function manifest() {
  const read = async (path) => JSON.parse(await readFile(path, 'utf8'));
  const { version, license, dependencies } = await read(join(home, 'package.json'));
  const client = await read(join(root, 'packages/client/package.json'));
  const entry = (name) => ({ types: `./dist/${name}.d.ts`, default: `./dist/${name}.js` });
  return {
    name: '@freshet/player',
    version,
    description: '<freshet-player>: a live stream that viewers share, with its controls, as a custom element',
    license,
    type: 'module',
    sideEffects: true,
    keywords: ['hls', 'player', 'custom element', 'webrtc', 'p2p', 'live', 'streaming', 'react', 'vue'],
    exports: {
      '.': entry('element'),
      ...Object.fromEntries(FRAMEWORKS.map((name) => [`./${name}`, entry(name)])),
    },
    files: ['dist', 'CHANGELOG.md'],
    dependencies: {
      '@freshet/client': `^${client.version}`,
      'media-chrome': dependencies['media-chrome'],
    },
    peerDependencies: client.peerDependencies,
  };
}
