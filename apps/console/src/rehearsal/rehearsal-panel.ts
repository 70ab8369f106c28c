import { setText, snippetWithCopy } from '@freshet/ui';
import { API_LIMITS, type Rehearsal } from '../api.ts';
import { element, field } from '../element.ts';
import { tiles } from '../charts/tiles.ts';
import type { ViewParts } from '../views/view.ts';
import { caveats, pagesInWords, reportTiles, stateOf } from './rehearsal-words.ts';

/** A silent test of the stream: its size and duration, its state, and the report. */
export function rehearsalPanel({ api, server, failed, refresh }: ViewParts, name: string) {
  const viewers = element('input', {
    ...{ type: 'number', name: 'viewers', required: true, step: '1', min: '0', value: '4' },
    max: String(API_LIMITS.headlessViewers),
  });
  const seconds = element('input', {
    ...{ type: 'number', name: 'seconds', required: true, step: '1', value: '60' },
    min: String(API_LIMITS.leastRehearsalSeconds),
    max: String(API_LIMITS.mostRehearsalSeconds),
  });
  const start = element('button', { type: 'submit' }, 'Rehearse');
  const stop = element('button', { type: 'button', className: 'plain', hidden: true }, 'Stop');
  const said = element('p', { className: 'said', role: 'status' });
  const waiting = element('p', { className: 'quiet' });
  const missing = element(
    'p',
    { className: 'notice', hidden: true },
    'The server cannot open headless viewers because Chromium is missing (Debian, Ubuntu: apt install chromium; or set --chromium). Open the page below on other machines instead.',
  );
  const report = element('div', { className: 'tiles' });
  const notes = element('div');
  const form = element(
    'form',
    { className: 'fields columns' },
    field('Headless viewers', viewers, {
      help: `They run on the server’s machine. At most ${API_LIMITS.headlessViewers}.`,
    }),
    field('Duration', seconds, { unit: 's', help: 'Two minutes show the steady state; 30 s show little.' }),
    element('div', { className: 'buttons' }, start, stop),
  );
  const perform = (work: Promise<unknown>) => {
    work.then(refresh, (error: unknown) => {
      if (error instanceof Error && 'status' in error && error.status === 409) setText(said, error.message);
      else failed(error);
    });
  };
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    perform(api.rehearse(name, { viewers: viewers.valueAsNumber, seconds: seconds.valueAsNumber }));
  });
  stop.addEventListener('click', () => {
    perform(api.endRehearsal(name));
  });
  let isFirst = true;
  let shown = '';
  return {
    element: element(
      'div',
      { className: 'page' },
      element(
        'p',
        { className: 'quiet' },
        'A silent test without an audience. The server opens muted viewers, and other machines can take part. They share like real viewers and upload regardless of consent. They count neither in the comparison nor in the savings.',
      ),
      missing,
      form,
      said,
      report,
      notes,
      element(
        'div',
        {},
        element('h3', {}, 'On other machines'),
        snippetWithCopy(`${server}rehearse/${name}`),
        waiting,
      ),
    ),
    show: (rehearsal: Rehearsal) => {
      const { hasChromium, figures } = rehearsal;
      const isRunning = rehearsal.state === 'running';
      missing.hidden = hasChromium;
      viewers.disabled = !hasChromium || isRunning;
      seconds.disabled = isRunning;
      if (isFirst && !hasChromium) viewers.value = '0';
      isFirst = false;
      start.hidden = isRunning;
      stop.hidden = !isRunning;
      setText(waiting, pagesInWords(rehearsal));
      // A refusal stays until the state changes.
      const words = stateOf(rehearsal);
      if (words !== shown) setText(said, words);
      shown = words;
      report.replaceChildren(...(figures === undefined ? [] : tiles(reportTiles(figures))));
      report.hidden = figures === undefined;
      notes.replaceChildren(
        ...(figures === undefined ? [] : caveats(figures)).map((note) =>
          element('p', { className: 'quiet' }, note),
        ),
      );
      notes.hidden = notes.childElementCount === 0;
    },
  };
}
