import { embedSnippet, find, setText, snippetWithCopy } from '@freshet/ui';
import { serverBeside } from '../urls.ts';
import { poll } from './poll.ts';
import { stateBadge } from './state-badge.ts';
import { fetchStreams, type StreamEntry } from './streams.ts';

const server = serverBeside(location.href);
const list = find(document, '#streams');
const status = find(document, '#status');
/** The list that the page shows. An unchanged list is not redrawn, so focus and selection stay. */
let shown = '';

poll(async () => {
  try {
    show(await fetchStreams(server));
  } catch {
    setText(status, 'Cannot reach the server. Trying again…');
  }
}, 5000);

function show(streams: readonly StreamEntry[]): void {
  setText(status, streams.length === 0 ? 'No streams on this server yet.' : '');
  const now = JSON.stringify(streams);
  if (now === shown) return;
  const names = JSON.stringify(streams.map(({ name }) => name));
  if (list.dataset['names'] !== names) {
    list.dataset['names'] = names;
    list.replaceChildren(...streams.map(card));
  }
  streams.forEach((stream, i) => list.children[i]?.querySelector('.badge')?.replaceWith(stateBadge(stream)));
  shown = now;
}

function card(stream: StreamEntry): HTMLElement {
  const item = document.createElement('li');
  const heading = document.createElement('h2');
  const link = document.createElement('a');
  link.href = new URL(`watch/${stream.name}`, server).href;
  link.textContent = stream.name;
  heading.append(link);
  const watch = document.createElement('a');
  watch.href = link.href;
  watch.className = 'watch';
  watch.textContent = 'Watch';
  watch.setAttribute('aria-label', `Watch ${stream.name}`);
  const embed = document.createElement('details');
  const summary = document.createElement('summary');
  summary.textContent = 'Embed this stream';
  embed.append(summary, snippetWithCopy(embedSnippet(server, stream.name)));
  item.append(heading, stateBadge(stream), watch, embed);
  return item;
}
