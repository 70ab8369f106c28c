import { Freshet } from '@freshet/client';
import Hls, { type FragmentLoaderConstructor } from 'hls.js';
import { recording, type Delivery } from './recording-loader.ts';

/** A page as an integrator writes it, with a record of every segment that its player received. */
const url = new URLSearchParams(location.search).get('url') ?? '';
const freshet = new Freshet({ url });
const config = freshet.hlsConfig();
const delivered: Delivery[] = [];
const warnings: string[] = [];
freshet.on('warning', ({ code }) => {
  if (warnings.length < 1000) warnings.push(code);
});
const hls = new Hls({
  ...config,
  fLoader: recording(
    config.fLoader ?? (Hls.DefaultConfig.loader as unknown as FragmentLoaderConstructor),
    delivered,
  ),
});
freshet.attach(hls);
hls.loadSource(freshet.url);
const video = document.querySelector('video');
if (video !== null) hls.attachMedia(video);
Object.assign(globalThis, { freshet, hls, delivered, warnings });
