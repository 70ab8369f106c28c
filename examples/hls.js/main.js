import { Freshet } from '@freshet/client';
import Hls from 'hls.js';

// ?url=… plays another stream instead of the demo stream of a server on this machine.
const url = new URLSearchParams(location.search).get('url') ?? 'http://localhost:8080/live/demo/index.m3u8';

const freshet = new Freshet({ url });
globalThis.freshet = freshet; // for the console: freshet.statistics
const hls = new Hls({ ...freshet.hlsConfig() }); // your own options go after
freshet.attach(hls);
hls.loadSource(freshet.url);
hls.attachMedia(document.querySelector('video'));

freshet.on('statistics', ({ neighbours, offload, stateReason }) => {
  document.querySelector('output').textContent =
    `${neighbours} neighbours, ${Math.floor(offload * 100)} % from viewers. ${stateReason}`;
});
