import { Freshet } from '@freshet/client';
import Hls from 'hls.js';
import 'vidstack/player';
import 'vidstack/player/layouts/default';
import 'vidstack/player/styles/default/layouts/video.css';
import 'vidstack/player/styles/default/theme.css';
import 'vidstack/player/ui';

// ?url=… plays another stream instead of the demo stream of a server on this machine.
const url = new URLSearchParams(location.search).get('url') ?? 'http://localhost:8080/live/demo/index.m3u8';
const player = document.querySelector('media-player');

const freshet = new Freshet({ url });
globalThis.freshet = freshet; // for the console: freshet.statistics
player.addEventListener('provider-change', ({ detail: provider }) => {
  if (provider?.type !== 'hls') return;
  provider.library = Hls; // otherwise Vidstack loads one from a CDN
  provider.config = freshet.hlsConfig();
  provider.onInstance((hls) => freshet.attach(hls));
});
player.src = { src: freshet.url, type: 'application/x-mpegurl' };

freshet.on('statistics', ({ neighbours, offload, stateReason }) => {
  document.querySelector('output').textContent =
    `${neighbours} neighbours, ${Math.floor(offload * 100)} % from viewers. ${stateReason}`;
});
