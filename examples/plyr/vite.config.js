import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { defineConfig } from 'vite';

// Plyr's icons lie beside its code, but its package does not name them; by itself it loads them from a CDN.
const icons = join(dirname(createRequire(import.meta.url).resolve('plyr')), 'plyr.svg');

export default defineConfig({ base: './', resolve: { alias: { 'plyr.svg': icons } } });
