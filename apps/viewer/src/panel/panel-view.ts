import type { Statistics } from '@freshet/client';
import { formatBytes, formatCount, formatKinds, formatSeconds, formatShare } from '@freshet/ui';

/** The panel's data: the client's figures, or none if the browser's own player plays. */
export type PanelSource =
  | { readonly kind: 'swarm'; readonly statistics: Statistics; readonly giving: boolean }
  | { readonly kind: 'native' };

/** The panel's texts and states, ready for the page. */
export interface PanelView {
  /** Colours the dot and the chip. */
  readonly state: 'plain' | 'connecting' | 'swarming';
  /** Text of the collapsed panel, a few characters. */
  readonly chip: string;
  readonly headline: string;
  /** Why the viewer plays from the server only; otherwise empty. */
  readonly reason: string;
  /** Whether there are figures, which the client measures. */
  readonly measured: boolean;
  /** The offload, 0 to 1; undefined before the first byte. */
  readonly carried: number | undefined;
  readonly carriedText: string;
  readonly fromViewers: string;
  readonly fromServer: string;
  readonly given: string;
  readonly behindLive: string;
  /** Numbers of direct and of relayed links. */
  readonly links: string;
  /** Whether the switch has an effect. */
  readonly canGive: boolean;
  /** Why the viewer uploads nothing although the switch is on; otherwise empty. */
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
