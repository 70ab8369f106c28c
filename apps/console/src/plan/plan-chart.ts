import type { PlanOutcome } from '@freshet/simulator/plan';
import uPlot from 'uplot';
import { CHART_HEIGHT, type ChartLine, chartOptions } from '../charts/chart.ts';
import { element } from '../element.ts';

/** Segments leave in bursts. The mean over this time is the rate that a line has to carry. */
const MEAN_S = 5;
const LINES: readonly ChartLine[] = [
  { label: 'without', colour: '--held-out', fill: true },
  { label: 'with Freshet', colour: '--accent', fill: true },
];

/** The server's traffic over the simulated time, with and without Freshet. */
export function planChart({ seconds }: Pick<PlanOutcome, 'seconds'>) {
  const place = element('div', { className: 'plot' });
  const whole = element(
    'figure',
    {},
    element(
      'figcaption',
      {},
      'Server traffic, Mbit/s, in the simulation',
      ...LINES.map(({ label, colour }) => element('span', { className: 'key', data: { colour } }, label)),
    ),
    place,
  );
  const data: uPlot.AlignedData = [
    seconds.map(({ s }) => s),
    means(seconds.map(({ takenMbps }) => takenMbps)),
    means(seconds.map(({ originMbps }) => originMbps)),
  ];
  let plot: uPlot | undefined;
  const draw = () => {
    plot?.destroy();
    const options = chartOptions(LINES, place, (s) => `${s} s`);
    plot = new uPlot({ ...options, scales: { ...options.scales, x: { time: false } } }, data, place);
  };
  const resize = new ResizeObserver(() => {
    if (plot === undefined) draw();
    else plot.setSize({ width: place.clientWidth, height: CHART_HEIGHT });
  });
  resize.observe(place);
  const scheme = matchMedia('(prefers-color-scheme: dark)');
  scheme.addEventListener('change', draw);
  return {
    element: whole,
    close: () => {
      resize.disconnect();
      scheme.removeEventListener('change', draw);
      plot?.destroy();
    },
  };
}

function means(values: readonly number[]): number[] {
  return values.map((_, i) => {
    const last = values.slice(Math.max(0, i + 1 - MEAN_S), i + 1);
    return last.reduce((sum, value) => sum + value, 0) / last.length;
  });
}
