import type { PlanOutcome } from '@freshet/simulator/plan';
import type { Money } from '../api.ts';
import { element } from '../element.ts';
import { tiles } from '../charts/tiles.ts';
import type { View, ViewParts } from '../views/view.ts';
import { planChart } from './plan-chart.ts';
import { planForm } from './plan-form.ts';
import { type PlanRequest, planWords } from './plan-words.ts';
import { type PlanRun, runInWorker } from './run-in-worker.ts';

/** Simulates an audience with the broadcaster's own numbers, and shows its traffic and cost. */
export function planView({ api }: ViewParts): View {
  const place = element('section', { className: 'card' });
  const bar = element('progress', { max: 1, value: 0, aria: { label: 'Simulation progress' } });
  const cancel = element('button', { type: 'button', className: 'plain' }, 'Cancel');
  const busy = element('div', { className: 'card running', hidden: true }, bar, cancel);
  const said = element('p', { className: 'said', role: 'status' });
  const result = element('div', { className: 'page' });
  let form: ReturnType<typeof planForm> | undefined;
  let run: PlanRun | undefined;
  let chart: ReturnType<typeof planChart> | undefined;

  const show = (request: PlanRequest, outcome: PlanOutcome) => {
    const words = planWords(request, outcome);
    chart = planChart(outcome);
    result.replaceChildren(
      element('div', { className: 'tiles' }, ...tiles(words.tiles)),
      element('section', { className: 'card' }, chart.element),
      ...words.notes.map((note) => element('p', { className: 'quiet' }, note)),
    );
    result.scrollIntoView({ block: 'nearest' });
  };
  const simulate = async (request: PlanRequest) => {
    chart?.close();
    result.replaceChildren();
    said.textContent = `Simulating ${request.numbers.viewers} viewers…`;
    busy.hidden = false;
    form?.busy(true);
    bar.value = 0;
    run = runInWorker(request.numbers, (share) => {
      bar.value = share;
    });
    try {
      show(request, await run.outcome);
      said.textContent = 'Done.';
    } catch (error) {
      const isCancelled = error instanceof DOMException && error.name === 'AbortError';
      said.textContent = isCancelled ? 'Cancelled.' : error instanceof Error ? error.message : String(error);
    } finally {
      busy.hidden = true;
      form?.busy(false);
    }
  };
  cancel.addEventListener('click', () => {
    run?.cancel();
  });
  const open = (money: Money) => {
    form = planForm(money, (request) => void simulate(request));
    place.replaceChildren(form.element);
  };
  return {
    title: 'Plan',
    element: element(
      'div',
      { className: 'page' },
      element('p', {}, element('a', { href: '#/' }, '← All streams')),
      element('h1', {}, 'Plan an audience'),
      element(
        'p',
        { className: 'quiet' },
        'The simulator runs in your browser: three runs, each over a minute or more of the stream.',
      ),
      place,
      busy,
      said,
      result,
    ),
    /** Requested once: it fails unless the user is signed in, and it has the price. */
    refresh: async () => {
      if (form === undefined) open((await api.overview()).money);
    },
    close: () => {
      run?.cancel();
      chart?.close();
    },
  };
}
