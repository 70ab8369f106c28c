import { formatShare } from '@freshet/ui';
import type { Rehearsal, RehearsalFigures } from '../api.ts';
import { formatBytes, formatMs, formatNumber } from '../charts/figures.ts';
import type { Tile } from '../charts/tiles.ts';

/** The state of a rehearsal in one sentence. */
export function stateOf({ state, problem, elapsedSeconds = 0, seconds = 0 }: Rehearsal): string {
  switch (state) {
    case 'none':
      return '';
    case 'running':
      return `Running: ${elapsedSeconds} of ${seconds} s.`;
    case 'done':
      return `Done after ${seconds} s.`;
    case 'stopped':
      return `Stopped after ${elapsedSeconds} of ${seconds} s.`;
    case 'failed':
      return `Failed. ${problem ?? ''}`.trim();
  }
}

/** The number of pages on other machines in one sentence. */
export function pagesInWords({ pages, state }: Pick<Rehearsal, 'pages' | 'state'>): string {
  const verb = state === 'running' ? 'taking part' : 'waiting to take part';
  if (pages === 0) return `No page is ${verb}.`;
  return pages === 1 ? `One page is ${verb}.` : `${pages} pages are ${verb}.`;
}

/** The report, formatted. */
export function reportTiles(figures: RehearsalFigures): readonly Tile[] {
  const { viewers, played, stalls, viewersWithStall, copies, laterCopies } = figures;
  return [
    { name: 'Viewers', value: String(viewers), note: `${played} of them played` },
    { name: 'Startup, median', value: formatMs(figures.medianStartupMs), note: 'self-reported' },
    { name: 'Behind live, median', value: formatMs(figures.medianLatencyMs), note: 'self-reported' },
    { name: 'Stalls', value: String(stalls), note: `viewers with a stall: ${viewersWithStall}` },
    {
      name: 'From viewers',
      value: figures.offload === undefined ? '–' : formatShare(figures.offload),
      note: `${formatBytes(figures.peerBytes)}, self-reported`,
    },
    {
      name: 'Origin copies',
      value: formatNumber(copies, 2),
      note: `${laterCopies === undefined ? '' : `${formatNumber(laterCopies, 2)} in the second half; `}measured`,
    },
  ];
}

/** Conditions that distort the figures. */
export function caveats({ others, played, viewers }: RehearsalFigures): readonly string[] {
  return [
    ...(others > 0
      ? [
          `${others === 1 ? 'One other viewer was' : `${others} other viewers were`} watching: bytes and copies include all viewers.`,
        ]
      : []),
    ...(viewers > played
      ? [
          'Viewers that did not play joined too late, or their browser could not play the stream: open the stream’s watch page there to see why.',
        ]
      : []),
  ];
}
