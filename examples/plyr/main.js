import { Freshet } from '@freshet/client';
import Hls from 'hls.js';
import Plyr from 'plyr';
import 'plyr/dist/plyr.css';
import iconUrl from 'plyr.svg'; // vite.config.js resolves it

// ?url=… plays another stream instead of the demo stream of a server on this machine.
const url = new URLSearchParams(location.search).get('url') ?? 'http://localhost:8080/live/demo/index.m3u8';
const video = document.querySelector('video');

// Plyr adds controls to a video element; the page feeds the element. Create Plyr first: it resets the element.
new Plyr(video, { muted: true, autoplay: true, iconUrl });
const freshet = new Freshet({ url });
globalThis.freshet = freshet; // for the console: freshet.statistics
const hls = new Hls({ ...freshet.hlsConfig() });
freshet.attach(hls);
hls.loadSource(freshet.url);
hls.attachMedia(video);

freshet.on('statistics', ({ neighbours, offload, stateReason }) => {
  document.querySelector('output').textContent =
    `${neighbours} neighbours, ${Math.floor(offload * 100)} % from viewers. ${stateReason}`;
});
