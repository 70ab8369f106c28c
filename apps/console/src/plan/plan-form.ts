import { PLAN_LIMITS, type PlanNumbers } from '@freshet/simulator/plan';
import { API_LIMITS, type Money } from '../api.ts';
import { element, field } from '../element.ts';
import type { PlanRequest } from './plan-words.ts';

const AUDIENCES: readonly { readonly value: PlanNumbers['audience']; readonly name: string }[] = [
  { value: 'stays', name: 'joins gradually and stays' },
  { value: 'at-once', name: 'joins all at once' },
  { value: 'zaps', name: 'zaps: 20 s per viewer' },
];
const MOST_VIEWERS = 10_000_000;

/** The broadcaster's own numbers. @param money the known price @param onRequest called with the numbers to simulate */
export function planForm({ costPerGb, currency }: Money, onRequest: (request: PlanRequest) => void) {
  const number = (name: string, value: number, [min, max]: readonly [number, number], step = 'any') =>
    element('input', {
      ...{ type: 'number', name, required: true, value: String(value), step },
      ...{ min: String(min), max: String(max) },
    });
  const audience = number('audience', 5000, [PLAN_LIMITS.viewers[0], MOST_VIEWERS], '1');
  const kbps = number('kbps', 2500, PLAN_LIMITS.kbps);
  const segment = number('segment', 2, PLAN_LIMITS.segmentSeconds);
  const giving = number('giving', 80, [0, 100]);
  const behaviour = element(
    'select',
    { name: 'behaviour' },
    ...AUDIENCES.map(({ value, name }) => element('option', { value }, name)),
  );
  const line = number('line', 1000, PLAN_LIMITS.originMbps);
  const cost = element('input', {
    ...{ type: 'number', name: 'cost', min: '0', step: 'any', placeholder: 'unknown' },
    max: String(API_LIMITS.costPerGb),
    value: costPerGb === null ? '' : String(costPerGb),
  });
  const hours = number('hours', 60, [0, 744]);
  const simulated = number('simulated', 300, PLAN_LIMITS.viewers, '1');
  const button = element('button', { type: 'submit' }, 'Simulate');
  const form = element(
    'form',
    { className: 'fields columns' },
    field('Viewers', audience, { help: 'At peak.' }),
    field('Bitrate', kbps, { unit: 'kbit/s', help: 'Of the quality most watched.' }),
    field('Segment', segment, { unit: 's', help: 'As set in the encoder.' }),
    field('Uploading viewers', giving, {
      unit: '%',
      help: 'The others use cellular networks or opted out.',
    }),
    field('Audience', behaviour),
    field('Server bandwidth', line, { unit: 'Mbit/s' }),
    field('Price per gigabyte', cost, { unit: currency, help: 'Of outgoing traffic.' }),
    field('On air', hours, { unit: 'h', help: 'Hours per month.' }),
    field('Simulated viewers', simulated, { help: `At most ${PLAN_LIMITS.viewers[1]}; more take longer.` }),
    element('div', { className: 'buttons' }, button),
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const everybody = Math.round(audience.valueAsNumber);
    onRequest({
      audience: everybody,
      hoursPerMonth: hours.valueAsNumber,
      money: { costPerGb: cost.value.trim() === '' ? null : cost.valueAsNumber, currency },
      numbers: {
        viewers: Math.min(everybody, simulated.valueAsNumber),
        kbps: kbps.valueAsNumber,
        segmentSeconds: segment.valueAsNumber,
        givingShare: giving.valueAsNumber / 100,
        audience: AUDIENCES.find(({ value }) => value === behaviour.value)?.value ?? 'stays',
        originMbps: line.valueAsNumber,
      },
    });
  });
  return {
    element: form,
    busy: (isBusy: boolean) => {
      button.disabled = isBusy;
    },
  };
}
