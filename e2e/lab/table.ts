import { figure, markdown, signed } from '../bench/report/markdown.ts';
import { median } from '../bench/report/median.ts';
import type { LabResult } from './group-result.ts';
import type { WayWindow } from './net/window.ts';
import type { LabSummary } from './summary.ts';

/**
 * The engines side by side, in Markdown. Startup and latency are compared with plain hls.js of the same runs, if it was
 * among them.
 */
export function summaryTable(summaries: readonly LabSummary[]): string {
  const plain = summaries.find(({ swarm }) => swarm.engine === 'plain');
  const row = (name: string, write: (summary: LabSummary) => string): string[] => [
    name,
    ...summaries.map(write),
  ];
  const against = (name: string, write: (summary: LabSummary, plain: LabSummary) => string): string[][] =>
    plain === undefined ? [] : [row(name, (summary) => (summary === plain ? '' : write(summary, plain)))];
  const withCalls = summaries.some(({ call }) => !Number.isNaN(call.loss));
  const callRows = [
    row(
      'worst call: added delay, ms (median, 95 %)',
      ({ call }) => `${figure(call.medianMs, 0)}, ${figure(call.p95Ms, 0)}`,
    ),
    ...against(
      '  to plain',
      ({ call }, p) =>
        `${signed(call.medianMs - p.call.medianMs, 0)}, ${signed(call.p95Ms - p.call.p95Ms, 0)}`,
    ),
    row('worst call: lost', ({ call }) => percent(call.loss)),
  ];
  return markdown([
    row('', ({ swarm }) => swarm.label),
    row('offload', ({ swarm }) => figure(swarm.offload, 3)),
    row('origin copies, steady', ({ swarm }) => figure(swarm.steadyOriginCopies, 2)),
    row('uploaded, MB', ({ uploadedBytes }) => figure(uploadedBytes / 1e6, 1)),
    row('of it used, MB', ({ usedBytes }) => figure(usedBytes / 1e6, 1)),
    row('waste', (summary) => figure(summary.waste, 3)),
    row('fullest uplink, ms (95 %)', ({ queueMs }) => figure(queueMs, 0)),
    row('packets dropped by queues', ({ dropped }) => figure(dropped, 0)),
    ...(withCalls ? callRows : []),
    row('startup, ms', ({ swarm }) => figure(swarm.startupMs, 0)),
    ...against('  to plain', ({ swarm }, p) => signed(swarm.startupMs - p.swarm.startupMs, 0)),
    row('live latency, s', ({ swarm }) => figure(swarm.latencySeconds, 2)),
    ...against('  to plain', ({ swarm }) => signed(swarm.latencyToPlainSeconds, 2)),
    row('viewers with a stall', ({ swarm }) => `${swarm.stalledVisits} of ${swarm.visits}`),
    row('stalls', ({ swarm }) => String(swarm.stalls)),
    row('stalled, s', ({ swarm }) => figure(swarm.stalledMs / 1000, 1)),
    row('machine idle', ({ idle }) => percent(idle)),
    row('  used by the lab', ({ lab }) => percent(lab)),
    row('  by other programs', ({ others }) => percent(others)),
    row('wait for a CPU core, ms (mean)', ({ waitMs }) => figure(waitMs, 2)),
    row('packets carried late', ({ late }) => percent(late)),
  ]);
}

/** The homes of one run, a row each. */
export function homeTable({ total, visits }: LabResult): string {
  const way = ({ bytes, dropped, queueMs }: WayWindow): string[] => [
    figure(bytes / 1e6, 2),
    String(dropped),
    `${figure(queueMs.median, 0)}, ${figure(queueMs.p95, 0)}`,
  ];
  const rows = total.lines.map(({ up, down }, home) => {
    const own = visits.filter(({ seat }) => seat === home);
    const call = total.calls[home];
    return [
      String(home + 1),
      ...way(up),
      figure(up.media / 1e6, 2),
      ...way(down),
      call === undefined
        ? '–'
        : `${figure(call.roundTripMs.median - call.roundTripMs.least, 0)}, ${figure(call.roundTripMs.p95 - call.roundTripMs.least, 0)}; ${percent(call.loss)}`,
      figure(median(own.flatMap(({ latencySeconds }) => latencySeconds)), 2),
      String(own.reduce((sum, { stalls }) => sum + stalls, 0)),
    ];
  });
  return markdown([
    [
      'home',
      'up, MB',
      'dropped',
      'queue, ms',
      'media, MB',
      'down, MB',
      'dropped',
      'queue, ms',
      'call',
      'latency, s',
      'stalls',
    ],
    ...rows,
  ]);
}

function percent(share: number): string {
  return `${figure(share * 100, 1)} %`;
}
