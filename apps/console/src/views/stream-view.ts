import { embedSnippet, formatShare, snippetWithCopy } from '@freshet/ui';
import type { Money, Stream } from '../api.ts';
import { comparison } from '../charts/comparison.ts';
import { element } from '../element.ts';
import { formatBytes, formatKindShares, formatMoney, formatNumber, formatRate } from '../charts/figures.ts';
import { historyCharts } from '../charts/history-charts.ts';
import { rehearsalPanel } from '../rehearsal/rehearsal-panel.ts';
import { sharingForm } from './sharing-form.ts';
import { sourceForm } from './source-form.ts';
import { stateName } from './state-name.ts';
import { swarmPicture } from '../charts/swarm-picture.ts';
import { type Tile, tiles } from '../charts/tiles.ts';
import type { View, ViewParts } from './view.ts';
import { viewersTable } from './viewers-table.ts';

/** One stream: traffic and savings, the swarm, the viewers' experience, and its settings. */
export function streamView(parts: ViewParts, name: string): View {
  const { api, server } = parts;
  const badge = element('span', { className: 'badge' });
  const problem = element('p', { className: 'notice', role: 'status', hidden: true });
  const sums = element('div', { className: 'tiles' });
  const charts = historyCharts(parts.refresh);
  const picture = swarmPicture();
  const table = viewersTable();
  const groups = comparison();
  const policy = sharingForm(parts, name);
  const source = sourceForm(parts, name);
  const rehearsal = rehearsalPanel(parts, name);
  const whole = element(
    'div',
    { className: 'page' },
    element('p', {}, element('a', { href: '#/' }, '← All streams')),
    element('div', { className: 'heading' }, element('h1', {}, name), badge),
    problem,
    sums,
    card('Traffic', charts.element),
    element(
      'div',
      { className: 'two' },
      element(
        'div',
        { className: 'page' },
        card('Data flow', picture.element),
        card('Comparison', groups.element),
      ),
      card('Sharing', policy.element),
    ),
    folded('Viewers', table.element),
    folded('Rehearsal', rehearsal.element),
    folded('Watch and embed', embedding(server, name)),
    folded('Source', source.element),
  );
  return {
    title: name,
    element: whole,
    refresh: async () => {
      const [stream, { money }, samples, swarm, rehearsed] = await Promise.all([
        api.stream(name),
        api.overview(),
        api.history(name, charts.span()),
        api.swarm(name),
        api.rehearsal(name),
      ]);
      badge.dataset['state'] = stream.state;
      badge.textContent = stateName(stream.state);
      problem.hidden = stream.problem === undefined;
      problem.textContent = stream.problem ?? '';
      const last = samples.at(-1);
      sums.replaceChildren(
        ...tiles([
          { name: 'Viewers', value: String(stream.viewers) },
          { name: 'From viewers', value: formatShare(stream.offload ?? 0), note: 'since server start' },
          ...linked(stream),
          { name: 'Origin copies', value: formatNumber(last?.copies, 2), note: 'per segment, recently' },
          {
            name: 'Server sends',
            value: formatRate(last?.originKbps ?? 0),
            note: `${formatBytes(stream.originBytes)}, measured`,
          },
          {
            name: 'Viewers send',
            value: formatRate(last?.peerKbps ?? 0),
            note: `${formatBytes(stream.peerBytes)}, self-reported`,
          },
          ...saved(stream, money),
        ]),
      );
      charts.show(samples);
      picture.show(swarm);
      table.show(swarm);
      groups.show(stream);
      policy.show(stream);
      source.show(stream);
      rehearsal.show(rehearsed);
    },
    close: () => {
      charts.close();
      picture.close();
    },
  };
}

/** Each link has two ends, whose reports of its kind may differ. */
function linked({ links }: Stream): readonly Tile[] {
  if (links === undefined) return [];
  const ends = Object.values(links).reduce((sum, count) => sum + count, 0);
  return [{ name: 'Links', value: String(Math.ceil(ends / 2)), note: formatKindShares(links) }];
}

function saved(stream: Stream, { currency }: Money) {
  if (stream.saved === undefined) return [];
  return [
    {
      name: 'Saved so far',
      value: formatMoney(stream.saved, currency),
      note: `self-reported; spent (measured): ${formatMoney(stream.spent, currency)}`,
    },
  ];
}

function card(title: string, content: HTMLElement): HTMLElement {
  return element('section', { className: 'card' }, element('h2', {}, title), content);
}

function folded(title: string, content: HTMLElement): HTMLElement {
  return element('details', { className: 'card' }, element('summary', {}, title), content);
}

/** The preview is loaded on request, since it is a viewer like any other. */
function embedding(server: string, name: string): HTMLElement {
  const page = `${server}watch/${name}`;
  const preview = element('div', { className: 'preview' });
  const button = element('button', { type: 'button' }, 'Show preview');
  button.addEventListener('click', () => {
    const shown = preview.firstChild !== null;
    button.textContent = shown ? 'Show preview' : 'Hide preview';
    if (shown) preview.replaceChildren();
    else
      preview.replaceChildren(
        element('iframe', { src: page, title: `Preview of ${name}`, allow: 'autoplay' }),
      );
  });
  const npm = `const freshet = new Freshet({ url: '${server}live/${name}/index.m3u8' }); const hls = new Hls({ ...freshet.hlsConfig() }); freshet.attach(hls); hls.loadSource(freshet.url);`;
  const tag = `<freshet-player server="${server}" stream="${name}" autoplay muted></freshet-player>`;
  const frame = `<iframe src="${page}" allow="autoplay; fullscreen" width="640" height="440"></iframe>`;
  const part = (title: string, text: string) => [element('h3', {}, title), snippetWithCopy(text)];
  return element(
    'div',
    {},
    element('p', {}, element('a', { href: page }, 'Open the watch page')),
    button,
    preview,
    ...part('On any page', embedSnippet(server, name)),
    ...part('In an iframe', frame),
    ...part('As an element, from npm (@freshet/player)', tag),
    ...part('With your own hls.js, from npm (@freshet/client)', npm),
    ...part('Plain HLS', `${server}live/${name}/index.m3u8`),
  );
}
