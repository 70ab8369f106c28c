import type { AuditEntry } from '../api.ts';
import { element } from '../element.ts';
import { actionText, changeText } from './audit-words.ts';
import type { View, ViewParts } from './view.ts';

/** Who signed in and what was changed, newest first. */
export function auditView({ api, failed }: ViewParts): View {
  const list = element('ol', { className: 'audit', aria: { label: 'Sign-ins and changes' } });
  const none = element('p', { hidden: true }, 'Nothing has been recorded yet.');
  const older = element('button', { type: 'button', hidden: true }, 'Show older entries');
  /** Those from further pages; they do not change. */
  let shown: readonly AuditEntry[] = [];
  const show = (entries: readonly AuditEntry[], more: boolean) => {
    shown = entries;
    none.hidden = entries.length > 0;
    older.hidden = !more;
    list.replaceChildren(...entries.map(item));
  };
  older.addEventListener('click', () => {
    api.audit(shown.at(-1)?.id).then(({ entries, more }) => {
      show([...shown, ...entries], more);
    }, failed);
  });
  return {
    title: 'History',
    element: element(
      'div',
      { className: 'page' },
      element(
        'div',
        { className: 'heading' },
        element('h1', {}, 'History'),
        element('a', { href: '#/' }, 'All streams'),
      ),
      element(
        'p',
        {},
        'Sign-ins and changes, the last 1,000. Networks are shown instead of addresses, and sources without secrets.',
      ),
      none,
      list,
      older,
    ),
    refresh: async () => {
      const { entries, more } = await api.audit();
      const newest = entries[0]?.id;
      if (newest === shown[0]?.id && shown.length > 0) return;
      const oldest = entries.at(-1)?.id ?? 0;
      const rest = shown.filter(({ id }) => id < oldest);
      show([...entries, ...rest], rest.length > 0 ? !older.hidden : more);
    },
  };
}

function item(entry: AuditEntry): HTMLElement {
  const { at, network, stream, before, after } = entry;
  const time = new Date(at);
  const changes = changeText(before, after);
  return element(
    'li',
    { className: 'card', data: { action: entry.action } },
    element('time', { dateTime: time.toISOString() }, time.toLocaleString()),
    element(
      'strong',
      {},
      actionText(entry.action),
      stream !== undefined && ' ',
      stream !== undefined && element('span', { className: 'stream' }, stream),
    ),
    element('span', { className: 'network' }, network),
    changes.length > 0 && element('ul', {}, ...changes.map((change) => element('li', {}, change))),
  );
}
