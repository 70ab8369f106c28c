import { embedSnippet, find, snippetWithCopy } from '@freshet/ui';
import { definePlayer, type PlayerPhase } from '../player/freshet-player.ts';
import type { Trouble } from '../player/trouble.ts';
import { serverOfWatchPage, streamOfWatchPage } from '../urls.ts';
import { poll } from './poll.ts';
import { stateBadge } from './state-badge.ts';
import { fetchStreams } from './streams.ts';

const server = serverOfWatchPage(location.href);
const stream = streamOfWatchPage(location.href);
const player = find(document, 'freshet-player');

player.setAttribute('server', server);
const query = new URLSearchParams(location.search);
if (query.has('debug')) player.setAttribute('debug', '');
const token = query.get('token');
if (token !== null) player.setAttribute('token', token);
if (stream !== undefined) {
  player.setAttribute('stream', stream);
  find(document, 'h1').textContent = stream;
  document.title = `${stream} · Freshet`;
  find(document, '#embed').append(snippetWithCopy(embedSnippet(server, stream)));
  const about = find(document, '#about');
  about.hidden = false;
  player.addEventListener('trouble', ({ detail }: CustomEventInit<Trouble>) => {
    about.hidden = detail?.kind === 'unknown-stream';
  });
  player.addEventListener('phase', ({ detail }: CustomEventInit<PlayerPhase>) => {
    if (detail === 'playing') about.hidden = false;
  });
  poll(async () => {
    // The player reports problems. If the badge cannot be updated, it keeps its last state.
    const entry = (await fetchStreams(server).catch(() => [])).find(({ name }) => name === stream);
    if (entry !== undefined) find(document, '.badge').replaceWith(stateBadge(entry));
  }, 10_000);
} else {
  player.setAttribute('stream', '');
}
definePlayer();
