import { Freshet } from '@freshet/client';
import type HlsType from 'hls.js';
import type { HlsConfig } from 'hls.js';

/**
 * The page of Freshet viewers in measurements: it does the same as the plain page, with the same hls.js, plus the four
 * lines for Freshet. A test may have put options of hls.js into `hlsOptions`, for both pages.
 */
const { Hls, hlsOptions } = globalThis as unknown as { Hls: typeof HlsType; hlsOptions?: Partial<HlsConfig> };
const query = new URLSearchParams(location.search);
const freshet = new Freshet({
  url: query.get('url') ?? '',
  uploads: query.get('uploads') !== 'off',
  cdnQuery: query.get('cdn') ?? '',
});
const hls = new Hls({ ...freshet.hlsConfig(), ...hlsOptions });
freshet.attach(hls);
hls.loadSource(freshet.url);
const video = document.querySelector('video');
if (video !== null) hls.attachMedia(video);
Object.assign(globalThis, { freshet, hls });
