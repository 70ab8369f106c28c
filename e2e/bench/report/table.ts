import { figure, markdown, signed, times } from './markdown.ts';
import type { Summary } from './summary.ts';

/**
 * The table that the bench prints, in Markdown: a column for each engine. Startup, latency and CPU are compared with
 * plain hls.js of the same runs, if it was among them.
 * @param limit the highest offload that a swarm can reach.
 */
export function table(summaries: readonly Summary[], limit: number): string {
  const plain = summaries.find(({ engine }) => engine === 'plain');
  const row = (name: string, write: (summary: Summary) => string): readonly string[] => [
    name,
    ...summaries.map(write),
  ];
  const against = (name: string, write: (summary: Summary, plain: Summary) => string): readonly string[][] =>
    plain === undefined
      ? []
      : [[...row(name, (summary) => (summary === plain ? '' : write(summary, plain)))]];
  return markdown([
    row('', ({ label }) => label),
    row('origin copies', (s) => figure(s.originCopies, 2)),
    row('origin copies, steady', (s) => figure(s.steadyOriginCopies, 2)),
    row(`offload (limit ${limit.toFixed(3)})`, (s) => figure(s.offload, 3)),
    row('offload, steady', (s) => figure(s.steadyOffload, 3)),
    row('waste', (s) => figure(s.waste, 3)),
    row('waste, steady', (s) => figure(s.steadyWaste, 3)),
    row('startup, ms', (s) => figure(s.startupMs, 0)),
    ...against(
      '  to plain',
      (s, p) => `${signed(s.startupMs - p.startupMs, 0)}, ${times(s.startupMs, p.startupMs)}`,
    ),
    row('first picture, ms', (s) => figure(s.firstPictureMs, 0)),
    row('live latency, s', (s) => figure(s.latencySeconds, 2)),
    ...against('  to plain', (s) => signed(s.latencyToPlainSeconds, 2)),
    row('viewers with a stall', (s) => `${s.stalledVisits} of ${s.visits}`),
    row('stalls', (s) => String(s.stalls)),
    row('stalled, s', (s) => figure(s.stalledMs / 1000, 1)),
    row('decoder stops, s', (s) => figure(s.decoderStopsMs / 1000, 1)),
    row('browser CPU, cores', (s) => figure(s.cpuCores, 2)),
    ...against('  to plain', (s, p) => times(s.cpuCores, p.cpuCores)),
  ]);
}
