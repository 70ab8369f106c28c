import type { Swarm, Viewer } from '../api.ts';
import { element } from '../element.ts';
import { formatKinds, formatMs, formatRate } from '../charts/figures.ts';

const COLUMNS: readonly { readonly name: string; readonly read: (viewer: Viewer) => string }[] = [
  { name: '#', read: ({ number }) => String(number + 1) },
  { name: 'Watching', read: ({ minutes }) => `${minutes} min` },
  { name: 'From viewers', read: ({ takenKbps }) => formatRate(takenKbps) },
  { name: 'From server', read: ({ originKbps }) => formatRate(originKbps) },
  { name: 'Uploads', read: ({ givenKbps, uploads }) => (uploads ? formatRate(givenKbps) : 'off') },
  { name: 'Neighbours', read: ({ neighbours }) => String(neighbours) },
  { name: 'Links', read: ({ links }) => formatKinds(links) },
  { name: 'Connect time', read: ({ connectMs }) => formatMs(connectMs) },
  { name: 'Stalls', read: ({ stalls }) => String(stalls) },
  { name: 'Startup', read: ({ startupMs }) => formatMs(startupMs) },
  { name: 'Behind live', read: ({ latencyMs }) => formatMs(latencyMs) },
  { name: 'Group', read: ({ group }) => group },
];

/** Viewers by number, without identifying data. */
export function viewersTable() {
  const rows = element('tbody');
  const whole = element(
    'div',
    // A region that scrolls must be reachable by keyboard.
    { className: 'scroll', tabIndex: 0, role: 'region', aria: { label: 'Viewers' } },
    element(
      'table',
      {},
      element(
        'thead',
        {},
        element('tr', {}, ...COLUMNS.map(({ name }) => element('th', { scope: 'col' }, name))),
      ),
      rows,
    ),
  );
  return {
    element: whole,
    show: ({ viewers }: Swarm) => {
      rows.replaceChildren(
        ...viewers.map((viewer) =>
          element('tr', {}, ...COLUMNS.map(({ read }) => element('td', {}, read(viewer)))),
        ),
      );
    },
  };
}
