import { API_LIMITS, type Stream } from '../api.ts';
import { element, field } from '../element.ts';
import { formatBytes } from '../charts/figures.ts';
import { stateName } from './state-name.ts';
import type { ViewParts } from './view.ts';

/** The source of a stream with its state, and buttons that stop, start and remove the stream. */
export function sourceForm({ api, failed, refresh }: ViewParts, name: string) {
  const about = element('dl');
  const fixed = element(
    'p',
    { className: 'quiet' },
    'This stream is defined in the server settings. Change its source there.',
  );
  const url = element('input', {
    name: 'url',
    required: true,
    maxLength: API_LIMITS.urlLength,
    spellcheck: false,
  });
  const save = element('button', { type: 'submit' }, 'Save');
  const turn = element('button', { type: 'button', className: 'plain' });
  const remove = element('button', { type: 'button', className: 'danger' }, 'Remove');
  const said = element('p', { className: 'said', role: 'alert' });
  const form = element(
    'form',
    { className: 'fields' },
    field('Source', url),
    said,
    element('div', { className: 'buttons' }, save, turn, remove),
  );
  let shown: Stream | undefined;
  let isTouched = false;
  const changed = (work: Promise<unknown>) => {
    said.textContent = '';
    work
      .then(() => {
        isTouched = false;
        refresh();
      })
      .catch((error: unknown) => {
        if (error instanceof Error && 'status' in error && error.status === 400)
          said.textContent = error.message;
        else failed(error);
      });
  };
  url.addEventListener('input', () => {
    isTouched = true;
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    changed(api.edit(name, { url: url.value }));
  });
  turn.addEventListener('click', () => {
    changed(api.edit(name, { running: shown?.running !== true }));
  });
  // The same button asks for confirmation: a page in a frame may not be allowed to open a dialog.
  remove.addEventListener('click', () => {
    if (remove.dataset['sure'] === undefined) {
      remove.dataset['sure'] = '';
      remove.textContent = 'Confirm removal';
      return;
    }
    api.remove(name).then(() => {
      location.hash = '#/';
    }, failed);
  });
  remove.addEventListener('blur', () => {
    delete remove.dataset['sure'];
    remove.textContent = 'Remove';
  });
  return {
    element: element('div', {}, about, fixed, form),
    show: (stream: Stream) => {
      shown = stream;
      fixed.hidden = stream.url !== undefined;
      form.hidden = stream.url === undefined;
      if (!isTouched) url.value = stream.url ?? '';
      turn.textContent = stream.running ? 'Stop' : 'Start';
      about.replaceChildren(
        ...Object.entries({
          State: stateName(stream.state),
          Buffer: `${stream.bufferSeconds.toFixed(0)} s, ${formatBytes(stream.bufferBytes)}`,
          Renditions:
            stream.renditions
              .map(({ about, available }) => (available ? about : `${about} (down)`))
              .join('; ') || 'none yet',
        }).flatMap(([term, text]) => [element('dt', {}, term), element('dd', {}, text)]),
      );
    },
  };
}
