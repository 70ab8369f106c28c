import type { Statistics } from '@freshet/client';
import { formatBytes, formatCount, formatKinds, formatSeconds, formatShare } from './format.ts';

/** What the panel draws from: the client's figures, or only a latency where the browser plays by itself. */
export type PanelSource =
  | { readonly kind: 'swarm'; readonly statistics: Statistics; readonly giving: boolean }
  | { readonly kind: 'native' };

/** The panel in words, ready to be put into the page. */
export interface PanelView {
  /** Colours the dot and the chip. */
  readonly state: 'plain' | 'connecting' | 'swarming';
  /** The collapsed panel, a few characters. */
  readonly chip: string;
  readonly headline: string;
  /** Why it is plain, when it is; else empty. */
  readonly reason: string;
  /** There are figures: the client measures. */
  readonly measured: boolean;
  /** The offload, 0 to 1; undefined before the first byte. */
  readonly carried: number | undefined;
  readonly carriedText: string;
  readonly fromViewers: string;
  readonly fromServer: string;
  readonly given: string;
  readonly behindLive: string;
  /** How many links go straight to the other viewer, and how many through a relay. */
  readonly links: string;
  /** The switch has something to switch. */
  readonly canGive: boolean;
  /** Why nothing is given although the switch is on; else empty. */
  readonly restraint: string;
}

const NATIVE: PanelView = {
  state: 'plain',
  chip: 'Server only',
  headline: 'Playing from the server',
  reason: 'This browser uses its own player, which cannot share with other viewers.',
  measured: false,
  carried: undefined,
  carriedText: '–',
  fromViewers: '–',
  fromServer: '–',
  given: '–',
  behindLive: '–',
  links: '–',
  canGive: false,
  restraint: '',
};

export function panelView(source: PanelSource): PanelView {
  if (source.kind === 'native') return NATIVE;
  const { statistics, giving } = source;
  const { peerBytes, originBytes } = statistics;
  const carried = peerBytes + originBytes > 0 ? statistics.offload : undefined;
  const carriedText = carried === undefined ? '–' : formatShare(carried);
  return {
    state: statistics.state,
    ...titles(statistics, carriedText),
    reason: statistics.state === 'plain' ? statistics.stateReason : '',
    measured: true,
    carried,
    carriedText,
    fromViewers: formatBytes(peerBytes),
    fromServer: formatBytes(originBytes),
    given: formatBytes(statistics.uploadedBytes),
    behindLive: formatSeconds(statistics.latencySeconds),
    links: formatLinks(statistics),
    canGive: statistics.state !== 'plain',
    restraint:
      giving && statistics.state !== 'plain' && !statistics.uploads
        ? 'Sharing is paused: data saver, mobile network or low battery.'
        : '',
  };
}

function formatLinks({ neighbours, links: { relayed } }: Statistics): string {
  if (neighbours === 0) return '–';
  return formatKinds({ direct: neighbours - relayed, relayed });
}

function titles(
  { state, neighbours }: Statistics,
  carriedText: string,
): Pick<PanelView, 'chip' | 'headline'> {
  switch (state) {
    case 'plain':
      return { chip: 'Server only', headline: 'Playing from the server' };
    case 'connecting':
      return { chip: 'Joining…', headline: 'Looking for other viewers' };
    case 'swarming':
      return neighbours === 0
        ? { chip: 'No viewers yet', headline: 'No other viewers yet' }
        : {
            chip: `${formatCount(neighbours, 'viewer')} · ${carriedText}`,
            headline: `Connected to ${formatCount(neighbours, 'viewer')}`,
          };
  }
}
