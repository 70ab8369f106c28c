import type { Second } from './measurement.ts';

const WIDTH = 720;
const PANEL = 110;
const LEFT = 60;
const PLOT = 70;

const PANELS = [
  { title: 'offload', of: (s: Second) => s.offload, least: 1 },
  { title: 'origin, Mbit/s', of: (s: Second) => s.originMbps, least: 1 },
  { title: 'viewers stalled', of: (s: Second) => s.stalled, least: 1 },
  { title: 'latency, median, s', of: (s: Second) => s.latencyMs / 1000, least: 1 },
];

const STYLE =
  'text{font:12px sans-serif;fill:#222}svg{background:#fff}.axis{stroke:#bbb}.curve{fill:none;stroke:#0a62c9;stroke-width:1.5}' +
  '@media(prefers-color-scheme:dark){text{fill:#ddd}svg{background:#16181c}.axis{stroke:#555}.curve{stroke:#6db3ff}}';

/** Four small panels, one below another, over the seconds of the run. Offload below 0 is drawn as 0. */
export function plot(title: string, seconds: readonly Second[]): string {
  const panels = PANELS.map(({ title: name, of, least }, i) => {
    const values = seconds.map((second) => Math.max(0, of(second)));
    const most = values.reduce((a, b) => Math.max(a, b), least);
    const top = 50 + i * PANEL;
    const x = (at: number) => LEFT + (at * (WIDTH - LEFT - 20)) / Math.max(1, values.length - 1);
    const points = values.map(
      (value, at) => `${x(at).toFixed(1)},${(top + PLOT * (1 - value / most)).toFixed(1)}`,
    );
    return [
      `<text x="${LEFT}" y="${top - 8}">${name}</text>`,
      `<text x="${LEFT - 6}" y="${top + 6}" text-anchor="end">${Number(most.toPrecision(3))}</text>`,
      `<text x="${LEFT - 6}" y="${top + PLOT}" text-anchor="end">0</text>`,
      `<line class="axis" x1="${LEFT}" x2="${WIDTH - 20}" y1="${top + PLOT}" y2="${top + PLOT}"/>`,
      `<polyline class="curve" points="${points.join(' ')}"/>`,
    ].join('');
  });
  const height = 50 + PANELS.length * PANEL + 10;
  const end = `<text x="${WIDTH - 20}" y="${height - 16}" text-anchor="end">${seconds.length} s</text>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}"><style>${STYLE}</style><text x="${LEFT}" y="22">${title}</text>${panels.join('')}${end}</svg>\n`;
}
