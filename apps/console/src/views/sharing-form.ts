import { API_LIMITS, type Sharing, type Stream } from '../api.ts';
import { element, field } from '../element.ts';
import type { ViewParts } from './view.ts';

const MODES: readonly { readonly value: Sharing['mode']; readonly name: string }[] = [
  { value: 'on', name: 'On' },
  { value: 'download-only', name: 'Download only: no uploads' },
  { value: 'off', name: 'Off: all play from the server' },
];

const PATHS: readonly { readonly value: Sharing['paths']; readonly name: string }[] = [
  { value: 'any', name: 'Direct where possible' },
  { value: 'relay-only', name: 'Relayed only: addresses stay hidden' },
  { value: 'same-network', name: 'Within one network only' },
];

const CELLULAR: readonly { readonly value: Sharing['cellular']; readonly name: string }[] = [
  { value: 'download-only', name: 'Download only' },
  { value: 'off', name: 'Play from the server only' },
];

/** The policy of a stream. Connected viewers follow within two seconds. */
export function sharingForm({ api, failed, refresh }: ViewParts, name: string) {
  const mode = select('mode', MODES);
  const paths = select('paths', PATHS);
  const cellular = select('cellular', CELLULAR);
  const number = (name: string, max: number, placeholder: string) =>
    element('input', { type: 'number', name, min: '0', max: String(max), step: 'any', placeholder });
  const limit = number('limit', API_LIMITS.uploadLimitKbps, 'automatic');
  const budget = number('budget', API_LIMITS.uploadBudgetMb, 'server setting');
  const ramp = number('ramp', 100, '100');
  const holdOut = number('hold-out', API_LIMITS.holdOutPercent, '0');
  const said = element('p', { className: 'said', role: 'status' });
  const form = element(
    'form',
    { className: 'fields' },
    field('Sharing', mode),
    field('Links', paths, { help: 'A stricter choice closes the links of connected viewers first.' }),
    field('Upload limit', limit, { unit: 'kbit/s', help: 'Per viewer. Empty: set by the server.' }),
    field('Upload budget', budget, { unit: 'MB', help: 'Per viewer and session.' }),
    field('On cellular networks', cellular, { help: 'As far as browsers report it.' }),
    field('Ramp', ramp, { unit: '%', help: 'Percentage of viewers that share. Raise it gradually.' }),
    field('Hold-out', holdOut, {
      unit: '%',
      help: `Control group that never shares. At most ${API_LIMITS.holdOutPercent}.`,
    }),
    element('button', { type: 'submit' }, 'Apply'),
    said,
  );
  let isTouched = false;
  form.addEventListener('input', () => {
    isTouched = true;
    said.textContent = '';
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const sharing: Sharing = {
      mode: MODES.find(({ value }) => value === mode.value)?.value ?? 'on',
      paths: PATHS.find(({ value }) => value === paths.value)?.value ?? 'any',
      uploadLimitKbps: amount(limit),
      uploadBudgetMb: amount(budget),
      cellular: CELLULAR.find(({ value }) => value === cellular.value)?.value ?? 'download-only',
      rampPercent: amount(ramp) ?? 100,
      holdOutPercent: amount(holdOut) ?? 0,
    };
    api
      .share(name, sharing)
      .then(() => {
        isTouched = false;
        said.textContent = 'Applied. Connected viewers are informed.';
        refresh();
      })
      .catch(failed);
  });
  return {
    element: form,
    /** Keeps the values that the user is editing. */
    show: ({ sharing }: Stream) => {
      if (isTouched) return;
      mode.value = sharing.mode;
      paths.value = sharing.paths;
      limit.value = String(sharing.uploadLimitKbps ?? '');
      budget.value = String(sharing.uploadBudgetMb ?? '');
      cellular.value = sharing.cellular;
      ramp.value = String(sharing.rampPercent);
      holdOut.value = String(sharing.holdOutPercent);
    },
  };
}

function select(name: string, choices: readonly { readonly value: string; readonly name: string }[]) {
  return element(
    'select',
    { name },
    ...choices.map((choice) => element('option', { value: choice.value }, choice.name)),
  );
}

function amount(input: HTMLInputElement): number | null {
  return input.value.trim() === '' ? null : Number(input.value);
}
