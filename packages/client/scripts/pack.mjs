/**
 * Writes the package to publish, into packages/client/dist/pack or the folder given: one ES module with everything but
 * hls.js (and a second one for pages without `crypto.subtle`), declarations that name no package but hls.js, and a
 * manifest without the source condition. The workspace's own manifest is never touched, so packing cannot disturb a
 * test that runs at the same time.
 */
import { execFileSync } from 'node:child_process';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, defaultClientConditions } from 'vite';
import { copyDeclarations, notices } from './packing.mjs';
import { slim } from './slim.mjs';

const home = fileURLToPath(new URL('..', import.meta.url));
const root = join(home, '../..');
const out = process.argv[2] ?? join(home, 'dist/pack');

/** The bundled packages, whose licences require their notices to be included. */
const BUNDLED = [
  '@noble/hashes',
  '@socket.io/component-emitter',
  'engine.io-client',
  'engine.io-parser',
  'simple-peer',
  'socket.io-client',
  'socket.io-parser',
  'valibot',
];

execFileSync(
  process.execPath,
  [join(root, 'node_modules/typescript/bin/tsc'), '-b', join(home, 'tsconfig.src.json')],
  {
    stdio: 'inherit',
  },
);
// Whatever the caller's value is: with another one, socket.io's parser brings its logger.
process.env.NODE_ENV = 'production';
await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
await build({
  root: home,
  configFile: false,
  logLevel: 'warn',
  resolve: { conditions: ['@freshet/source', ...defaultClientConditions] },
  plugins: [slim()],
  build: {
    outDir: join(out, 'dist'),
    emptyOutDir: true,
    // Smaller by 1 kB gzip than the output of the bundlers that pages use. The source map shows the original code.
    minify: 'terser',
    terserOptions: {
      module: true,
      ecma: 2022,
      compress: { passes: 3, inline: 1 },
      // Private members of simple-peer and socket.io. `_placeholder` is a field on the wire.
      mangle: { properties: { regex: /^_[a-z]/, reserved: ['_placeholder'] } },
      format: { comments: false },
    },
    sourcemap: true,
    target: 'es2022',
    lib: { entry: join(home, 'src/index.ts'), formats: ['es'], fileName: 'index' },
    rolldownOptions: {
      external: ['hls.js'],
      output: {
        chunkFileNames: '[name].js',
        sourcemapPathTransform: (source, map) => relative(root, resolve(dirname(map), source)),
      },
    },
  },
});

await copyDeclarations(
  { from: join(home, 'dist'), to: join(out, 'dist'), packages: ['hls.js'] },
  'index.d.ts',
);
await writeFile(join(out, 'package.json'), `${JSON.stringify(await manifest(), null, 2)}\n`);
await writeFile(join(out, 'THIRD-PARTY-LICENSES.txt'), await notices(BUNDLED, [home, root]));
for (const page of ['README.md', 'CHANGELOG.md']) await cp(join(home, page), join(out, page));
await cp(join(root, 'LICENSE'), join(out, 'LICENSE'));

async function manifest() {
  const source = JSON.parse(await readFile(join(home, 'package.json'), 'utf8'));
  const { name, version, description, license, type, sideEffects, peerDependencies } = source;
  return {
    name,
    version,
    description,
    license,
    type,
    sideEffects,
    keywords: ['hls', 'hls.js', 'webrtc', 'p2p', 'live', 'streaming'],
    exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } },
    files: ['dist', 'CHANGELOG.md', 'THIRD-PARTY-LICENSES.txt'],
    peerDependencies,
  };
}
