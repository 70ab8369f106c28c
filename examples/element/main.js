import '@freshet/player';

const player = document.querySelector('freshet-player');
const output = document.querySelector('output');

player.addEventListener('statistics', ({ detail: { neighbours, offload, stateReason } }) => {
  output.textContent = `${neighbours} neighbours, ${Math.floor(offload * 100)} % from viewers. ${stateReason}`;
});
// ?url=… plays another stream instead of the demo stream of a server on this machine.
player.setAttribute(
  'src',
  new URLSearchParams(location.search).get('url') ?? 'http://localhost:8080/live/demo/index.m3u8',
);
