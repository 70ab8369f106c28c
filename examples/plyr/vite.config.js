import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { defineConfig } from 'vite';

// Plyr's package contains its icons but does not export them; by default Plyr loads them from a CDN.
const icons = join(dirname(createRequire(import.meta.url).resolve('plyr')), 'plyr.svg');

export default defineConfig({ base: './', resolve: { alias: { 'plyr.svg': icons } } });
