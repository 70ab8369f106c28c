import { formatCount, formatShare } from '@freshet/ui';
import { API_LIMITS, type Overview, type Stream } from '../api.ts';
import { element, field } from '../element.ts';
import { formatBytes, formatMoney } from '../charts/figures.ts';
import { stateName } from './state-name.ts';
import { tiles } from '../charts/tiles.ts';
import type { View, ViewParts } from './view.ts';

/** All streams, their total savings, and a form that adds a stream. */
export function overviewView(parts: ViewParts): View {
  const sums = element('div', { className: 'tiles' });
  const list = element('ul', { className: 'streams', aria: { label: 'Streams' } });
  const unkept = element(
    'p',
    { className: 'notice', hidden: true },
    'Changes are lost on restart. Start the server with --data-dir to keep them.',
  );
  const price = priceForm(parts);
  const whole = element(
    'div',
    { className: 'page' },
    element('h1', {}, 'Streams'),
    unkept,
    sums,
    list,
    addForm(parts),
    price.element,
    element('p', {}, element('a', { href: '#/plan' }, 'Plan an audience: simulate its traffic and cost')),
    element('p', {}, element('a', { href: '#/history' }, 'History: sign-ins and changes')),
  );
  return {
    title: 'Console',
    element: whole,
    refresh: async () => {
      const overview = await parts.api.overview();
      unkept.hidden = overview.kept;
      sums.replaceChildren(...tiles(sumsOf(overview)));
      list.replaceChildren(...overview.streams.map((stream) => streamCard(stream)));
      price.fill(overview);
    },
  };
}

function sumsOf({ streams, money }: Overview) {
  const sum = (read: (stream: Stream) => number | undefined) =>
    streams.reduce((total, stream) => total + (read(stream) ?? 0), 0);
  const [origin, peers] = [sum(({ originBytes }) => originBytes), sum(({ peerBytes }) => peerBytes)];
  const known = money.costPerGb !== null;
  return [
    { name: 'Viewers', value: String(sum(({ viewers }) => viewers)) },
    { name: 'From viewers', value: formatShare(origin + peers === 0 ? 0 : peers / (origin + peers)) },
    { name: 'Sent by the server', value: formatBytes(origin), note: 'measured' },
    { name: 'Sent by viewers', value: formatBytes(peers), note: 'self-reported' },
    {
      name: 'Saved so far',
      value: known
        ? formatMoney(
            sum(({ saved }) => saved),
            money.currency,
          )
        : '–',
      note: known
        ? `self-reported; spent (measured): ${formatMoney(
            sum(({ spent }) => spent),
            money.currency,
          )}`
        : 'enter a price below',
    },
  ];
}

function streamCard({ name, state, viewers, offload, url, sharing, perViewer }: Stream): HTMLElement {
  const about = [
    formatCount(viewers, 'viewer'),
    offload === undefined ? undefined : `${formatShare(offload)} from viewers`,
    perViewer ? 'not shared: segments differ from viewer to viewer' : undefined,
    sharing.mode === 'on' ? undefined : sharing.mode === 'off' ? 'sharing is off' : 'download only',
    url === undefined ? 'from server settings' : undefined,
  ].filter((part) => part !== undefined);
  return element(
    'li',
    { className: 'card' },
    element('h2', {}, element('a', { href: `#/stream/${name}` }, name)),
    element('span', { className: 'badge', data: { state } }, stateName(state)),
    element('p', {}, about.join(' · ')),
  );
}

function addForm({ api, failed }: ViewParts): HTMLElement {
  const name = element('input', {
    ...{ name: 'name', required: true, maxLength: API_LIMITS.nameLength, pattern: '[A-Za-z0-9_\\-]+' },
    ...{ placeholder: 'live', autocomplete: 'off', spellcheck: false },
  });
  const url = element('input', {
    ...{ name: 'url', required: true, maxLength: API_LIMITS.urlLength, inputMode: 'url' },
    ...{ placeholder: 'http://media.example/live/index.m3u8', autocomplete: 'off', spellcheck: false },
  });
  const said = element('p', { className: 'said', role: 'alert' });
  const form = element(
    'form',
    { className: 'fields' },
    field('Name', name, { help: 'Letters, digits, - and _. Viewers see it in URLs.' }),
    field('Source', url, {
      help: 'The HLS playlist of your media server, or another source (docs/sources.md).',
    }),
    said,
    element('button', { type: 'submit' }, 'Add stream'),
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    said.textContent = '';
    api
      .add(name.value, url.value)
      .then((added) => {
        location.hash = `#/stream/${added.name}`;
      })
      .catch((error: unknown) => {
        if (error instanceof Error && 'status' in error && error.status !== 401)
          said.textContent = error.message;
        else failed(error);
      });
  });
  return element('details', { className: 'card' }, element('summary', {}, 'Add a stream'), form);
}

function priceForm({ api, failed, refresh }: ViewParts) {
  const cost = element('input', {
    type: 'number',
    name: 'cost',
    min: '0',
    max: String(API_LIMITS.costPerGb),
    step: 'any',
    required: true,
  });
  const currency = element('input', { name: 'currency', required: true, pattern: '[A-Z]{3}', maxLength: 3 });
  const form = element(
    'form',
    { className: 'fields' },
    field('Price per gigabyte', cost, {
      help: 'Your provider’s price for outgoing traffic.',
    }),
    field('Currency', currency, { help: 'Three letters, such as EUR.' }),
    element('button', { type: 'submit' }, 'Save'),
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    api.setMoney({ costPerGb: Number(cost.value), currency: currency.value }).then(refresh, failed);
  });
  return {
    element: element('details', { className: 'card' }, element('summary', {}, 'Costs'), form),
    /** Shows the saved values, unless the user is editing the form. */
    fill: ({ money }: Overview) => {
      if (form.contains(document.activeElement)) return;
      cost.value = money.costPerGb === null ? '' : String(money.costPerGb);
      currency.value = money.currency;
    },
  };
}
