import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { afterEach, expect, test, vi } from 'vitest';

/** hls.js is 70 % of it. Raise the limit only in the change that needs it; the last was tokens of private streams. */
const EMBED_LIMIT_BYTES = 277_800;

afterEach(() => {
  vi.unstubAllEnvs();
});

test('the embed, one script with hls.js, controls and panel, stays within its size limit after gzip -9', async () => {
  // As in `npm run build:pages`. With another value, libraries include development aids.
  vi.stubEnv('NODE_ENV', 'production');
  const built = await build({
    configFile: fileURLToPath(new URL('../../../../vite.config.ts', import.meta.url)),
    mode: 'embed',
    logLevel: 'error',
    build: { write: false },
  });
  const outputs = (Array.isArray(built) ? built : [built]).flatMap((one) =>
    'output' in one ? one.output : [],
  );
  expect(outputs.map(({ fileName }) => fileName)).toEqual(['embed.js']);
  const [embed] = outputs;
  const size = embed?.type === 'chunk' ? gzipSync(embed.code, { level: 9 }).length : Infinity;
  console.info('gzip bytes', size);
  expect(size).toBeLessThanOrEqual(EMBED_LIMIT_BYTES);
}, 60_000);
