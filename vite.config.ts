import { fileURLToPath } from 'node:url';
import type { BuildEnvironmentOptions, Plugin } from 'vite';
import { defaultClientConditions, defaultServerConditions } from 'vite';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import { slim } from './packages/client/scripts/slim.mjs';

const source = '@freshet/source';
const viewer = fileURLToPath(new URL('apps/viewer', import.meta.url));
const consoleRoot = fileURLToPath(new URL('apps/console', import.meta.url));

/** Browsers with `light-dark()` and container queries. The style sheets are not rewritten for older ones. */
const cssTarget = ['chrome123', 'firefox120', 'safari17.5'];

/** Vite's warnings about slow plugins only mean that the machine is busy. */
const checks = { bundlerTimings: false };

/** `watch`: the pages of the server. It runs first, because it empties apps/viewer/dist. */
const watch: BuildEnvironmentOptions = {
  outDir: 'dist',
  emptyOutDir: true,
  cssTarget,
  assetsInlineLimit: 0,
  modulePreload: { polyfill: false },
  chunkSizeWarningLimit: 1200,
  rolldownOptions: {
    checks,
    input: {
      index: `${viewer}/index.html`,
      watch: `${viewer}/watch/index.html`,
      rehearse: `${viewer}/rehearse/index.html`,
    },
  },
};

/** `embed`: one classic script with everything in it, for a tag on any page of any site. */
const embed: BuildEnvironmentOptions = {
  outDir: 'dist',
  emptyOutDir: false,
  copyPublicDir: false,
  cssTarget,
  chunkSizeWarningLimit: 1200,
  rolldownOptions: {
    checks,
    // Used only in Vite's helper that loads files later, and the embed has no such files.
    transform: { define: { 'import.meta': '{}' } },
    input: `${viewer}/src/embed/embed.ts`,
    output: { format: 'iife', entryFileNames: 'embed.js' },
  },
};

/** `console`: the broadcaster's page, without the player. */
const consolePage: BuildEnvironmentOptions = {
  outDir: 'dist',
  emptyOutDir: true,
  cssTarget,
  assetsInlineLimit: 0,
  modulePreload: { polyfill: false },
  rolldownOptions: { checks },
};

/**
 * Escapes all characters that are not ASCII. A page without a charset decodes a classic script in a legacy one, and the
 * embed must read the same on every page.
 */
const asciiOnly: Plugin = {
  name: 'ascii-only',
  generateBundle(_options, bundle) {
    for (const file of Object.values(bundle)) {
      if (file.type === 'chunk') file.code = file.code.replace(/[^\0-\x7f]/g, escapeUnit);
    }
  },
};

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/**
 * A test's file name has its kind. Unit tests start no process, wait for no real clock and take at most seconds.
 * Integration tests use real programs, ports and builds. Simulations run many viewers on a virtual clock.
 */
const TEST_FOLDERS = ['{packages,apps}/*/src/**', 'e2e/{src,bench,lab,soak}/**', 'docs', 'scripts/**'];
const SLOW_KINDS = ['integration', 'simulation'];

function testProject(
  name: string,
  files: string,
  options: TestProjectInlineConfiguration['test'] = {},
): TestProjectInlineConfiguration {
  return {
    extends: true,
    test: {
      name,
      include: TEST_FOLDERS.map((folder) => `${folder}/${files}`),
      ...options,
      exclude: ['**/node_modules/**', ...(options.exclude ?? [])],
    },
  };
}

const pages: Partial<Record<string, BuildEnvironmentOptions>> = { watch, embed, console: consolePage };

/** One config for every output: a mode per page, and the tests of all packages in their kinds. */
export default defineConfig(({ mode }) => {
  const build = pages[mode];
  return {
    // Relative URLs only: the server may be below a base path.
    ...(build !== undefined && {
      root: mode === 'console' ? consoleRoot : viewer,
      base: './',
      build,
      logLevel: 'warn',
    }),
    // For the console's simulator.
    worker: { format: 'es' as const },
    plugins: mode === 'embed' ? [slim(), asciiOnly] : [slim()],
    resolve: { conditions: [source, ...defaultClientConditions] },
    ssr: {
      resolve: { conditions: [source, ...defaultServerConditions], externalConditions: [source] },
    },
    test: {
      // Real servers, browsers and simulations on busy machines: a limit for tests that hang, not for slow ones.
      testTimeout: 30_000,
      hookTimeout: 30_000,
      projects: [
        testProject('unit', '*.test.ts', {
          exclude: SLOW_KINDS.map((kind) => `**/*.${kind}.test.ts`),
          // Threads start faster than processes, and no unit test needs its own core.
          pool: 'threads',
          maxWorkers: '100%',
          // Vitest runs projects with different workers one after the other.
          sequence: { groupOrder: 1 },
        }),
        ...SLOW_KINDS.map((kind) => testProject(kind, `*.${kind}.test.ts`)),
      ],
    },
  };
});
