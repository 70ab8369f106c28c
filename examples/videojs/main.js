import { Freshet } from '@freshet/client';
import videojs from 'video.js';
import 'video.js/dist/video-js.css';
import 'videojs-contrib-hls.js/src/videojs.hlsjs.js';

// ?url=… plays another stream instead of the demo stream of a server on this machine.
const url = new URLSearchParams(location.search).get('url') ?? 'http://localhost:8080/live/demo/index.m3u8';

const freshet = new Freshet({ url });
globalThis.freshet = freshet; // for the console: freshet.statistics
const player = videojs('player', { html5: { hlsjsConfig: freshet.hlsConfig() } });
// The plug-in creates its hls.js when the source is set, and forwards hls.js's events to Video.js's "tech".
player.ready(() => {
  const tech = player.tech(true);
  tech.one('hlsMediaAttached', () => freshet.attach(tech.sourceHandler_.hls));
});
player.src({ src: freshet.url, type: 'application/x-mpegURL' });

freshet.on('statistics', ({ neighbours, offload, stateReason }) => {
  document.querySelector('output').textContent =
    `${neighbours} neighbours, ${Math.floor(offload * 100)} % from viewers. ${stateReason}`;
});
