import { Freshet } from '@freshet/client';
import type HlsType from 'hls.js';

/** The page of Freshet viewers in measurements: what the plain page does with the same hls.js, and the four lines of ours. */
const { Hls } = globalThis as unknown as { Hls: typeof HlsType };
const query = new URLSearchParams(location.search);
const freshet = new Freshet({ url: query.get('url') ?? '', uploads: query.get('uploads') !== 'off' });
const hls = new Hls({ ...freshet.hlsConfig() });
freshet.attach(hls);
hls.loadSource(freshet.url);
const video = document.querySelector('video');
if (video !== null) hls.attachMedia(video);
Object.assign(globalThis, { freshet, hls });
