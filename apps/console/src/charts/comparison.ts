import { formatShare } from '@freshet/ui';
import type { GroupFigures, Stream } from '../api.ts';
import { element } from '../element.ts';
import { formatMs, formatNumber, formatRate } from './figures.ts';

const ROWS: readonly { readonly name: string; readonly read: (figures: GroupFigures) => string }[] = [
  { name: 'Viewers now', read: ({ viewers }) => String(viewers) },
  { name: 'Viewers counted', read: ({ counted }) => String(counted) },
  { name: 'Startup, median', read: ({ medianStartupMs }) => formatMs(medianStartupMs) },
  { name: 'Behind live, median', read: ({ medianLatencyMs }) => formatMs(medianLatencyMs) },
  {
    name: 'Bitrate, median',
    read: ({ medianKbps }) => (medianKbps === undefined ? '–' : formatRate(medianKbps)),
  },
  { name: 'Stalls per hour', read: ({ stallsPerHour }) => formatNumber(stallsPerHour, 2) },
  {
    name: 'Viewers with a stall',
    read: ({ shareWithStall }) => (shareWithStall === undefined ? '–' : formatShare(shareWithStall)),
  },
];

/** Compares viewers that share with viewers held out. They are drawn at random, so that only sharing differs. */
export function comparison() {
  const none = element(
    'p',
    { className: 'quiet' },
    'Hold out a few percent of the viewers under Sharing. They play from the server only, and this table compares the two groups.',
  );
  const body = element('tbody');
  const table = element(
    'table',
    { className: 'compare' },
    element(
      'thead',
      {},
      element(
        'tr',
        {},
        element('td'),
        element('th', { scope: 'col' }, 'Sharing'),
        element('th', { scope: 'col' }, 'Held out'),
      ),
    ),
    body,
  );
  const note = element(
    'p',
    { className: 'quiet' },
    'Current viewers and the last 1,000 of each group that left. Self-reported.',
  );
  return {
    element: element('div', {}, none, table, note),
    show: ({ groups, sharing }: Stream) => {
      const held = groups?.['held-out'];
      const isCompared = held !== undefined && (sharing.holdOutPercent > 0 || held.counted > 0);
      none.hidden = isCompared;
      table.hidden = !isCompared;
      note.hidden = !isCompared;
      if (!isCompared) return;
      body.replaceChildren(
        ...ROWS.map(({ name, read }) =>
          element(
            'tr',
            {},
            element('th', { scope: 'row' }, name),
            element('td', {}, read(groups?.sharing ?? held)),
            element('td', {}, read(held)),
          ),
        ),
      );
    },
  };
}
