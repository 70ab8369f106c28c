import { Freshet } from '@freshet/client';
import type HlsType from 'hls.js';

/** The bench's page of Freshet viewers: what the plain page does with the same hls.js, and the four lines of ours. */
const { Hls } = globalThis as unknown as { Hls: typeof HlsType };
const freshet = new Freshet({ url: new URLSearchParams(location.search).get('url') ?? '' });
const hls = new Hls({ ...freshet.hlsConfig() });
freshet.attach(hls);
hls.loadSource(freshet.url);
const video = document.querySelector('video');
if (video !== null) hls.attachMedia(video);
Object.assign(globalThis, { freshet, hls });
