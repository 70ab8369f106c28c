import { defaultClientConditions, defaultServerConditions } from 'vite';
import { defineConfig } from 'vitest/config';

const source = '@freshet/source';

/** One config for every output: a mode per page, and the unit tests of all packages. */
export default defineConfig({
  resolve: { conditions: [source, ...defaultClientConditions] },
  ssr: {
    resolve: { conditions: [source, ...defaultServerConditions], externalConditions: [source] },
  },
  test: {
    include: ['{packages,apps}/*/src/**/*.test.ts'],
  },
});
