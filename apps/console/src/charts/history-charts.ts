import uPlot from 'uplot';
import type { Sample, Span } from '../api.ts';
import { CHART_HEIGHT, type ChartLine, chartOptions } from './chart.ts';
import { element } from '../element.ts';

const CLOCK = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});

interface Line extends ChartLine {
  readonly read: (sample: Sample) => number | undefined;
}

interface ChartPlan {
  readonly title: string;
  readonly lines: readonly Line[];
}

const PLANS: readonly ChartPlan[] = [
  {
    title: 'Sent, Mbit/s',
    lines: [
      { label: 'Viewers', colour: '--accent', read: ({ peerKbps }) => peerKbps / 1000, fill: true },
      { label: 'Server', colour: '--origin', read: ({ originKbps }) => originKbps / 1000 },
    ],
  },
  {
    title: 'Viewers',
    lines: [{ label: 'Viewers', colour: '--accent', read: ({ viewers }) => viewers, fill: true }],
  },
  { title: 'From viewers, %', lines: [{ label: 'Offload', colour: '--accent', read: offload, fill: true }] },
  { title: 'Origin copies', lines: [{ label: 'Copies', colour: '--origin', read: ({ copies }) => copies }] },
  {
    title: 'Seconds',
    lines: [
      { label: 'Behind live', colour: '--accent', read: ({ latencyMs }) => seconds(latencyMs) },
      { label: 'Startup', colour: '--origin', read: ({ startupMs }) => seconds(startupMs) },
    ],
  },
  {
    title: 'Stalls',
    lines: [{ label: 'Stalls', colour: '--bad', read: ({ stalls }) => stalls, fill: true }],
  },
];

/** Charts of the last quarter of an hour, or of the last day. @param onSpan called when the user selects a span */
export function historyCharts(onSpan: () => void) {
  let span: Span = 'minutes';
  const plots: uPlot[] = [];
  const places = PLANS.map(() => element('div', { className: 'plot' }));
  const empty = element('p', { className: 'quiet' }, 'Collecting figures…');
  const choice = element(
    'div',
    { className: 'choice', role: 'group', aria: { label: 'Time range' } },
    ...(['minutes', 'hours'] as const).map((which) => {
      const button = element(
        'button',
        { type: 'button', aria: { pressed: String(which === span) } },
        which === 'minutes' ? '15 minutes' : '24 hours',
      );
      button.addEventListener('click', () => {
        span = which;
        for (const other of choice.children) other.setAttribute('aria-pressed', String(other === button));
        onSpan();
      });
      return button;
    }),
  );
  const charts = element(
    'div',
    { className: 'charts' },
    ...PLANS.map(({ title, lines }, i) =>
      element(
        'figure',
        {},
        element(
          'figcaption',
          {},
          title,
          ...(lines.length > 1
            ? lines.map(({ label, colour }) => element('span', { className: 'key', data: { colour } }, label))
            : []),
        ),
        places[i],
      ),
    ),
  );
  const whole = element('div', {}, choice, empty, charts);
  const resize = new ResizeObserver(() => {
    plots.forEach((plot, i) => {
      const width = places[i]?.clientWidth ?? 0;
      if (width > 0 && width !== plot.width) plot.setSize({ width, height: CHART_HEIGHT });
    });
  });
  resize.observe(charts);
  const scheme = matchMedia('(prefers-color-scheme: dark)');
  const restyle = () => {
    for (const plot of plots.splice(0)) plot.destroy();
  };
  scheme.addEventListener('change', restyle);

  return {
    element: whole,
    span: () => span,
    show: (samples: readonly Sample[]) => {
      empty.hidden = samples.length > 1;
      charts.hidden = samples.length <= 1;
      if (samples.length <= 1) return;
      const times = samples.map(({ at }) => at / 1000);
      PLANS.forEach((plan, i) => {
        const place = places[i];
        if (place === undefined) return;
        const values = plan.lines.map(({ read }) => samples.map((sample) => read(sample) ?? null));
        const data: uPlot.AlignedData = [times, ...values];
        const plot = plots[i];
        if (plot === undefined) plots[i] = new uPlot(chartOptions(plan.lines, place, clock), data, place);
        else plot.setData(data);
      });
    },
    close: () => {
      resize.disconnect();
      scheme.removeEventListener('change', restyle);
      restyle();
    },
  };
}

function clock(time: number): string {
  return CLOCK.format(time * 1000);
}

/** Percentage of the traffic in this step that viewers sent. Undefined if there was no traffic. */
function offload({ originKbps, peerKbps }: Sample): number | undefined {
  const all = originKbps + peerKbps;
  return all === 0 ? undefined : (100 * peerKbps) / all;
}

function seconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1000;
}
