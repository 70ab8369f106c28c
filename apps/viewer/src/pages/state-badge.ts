import { formatCount, stateLabel } from '@freshet/ui';
import type { StreamEntry } from './streams.ts';

/** The stream's state and its number of viewers, on one line. */
export function stateBadge({ state, viewers }: StreamEntry): HTMLElement {
  const badge = document.createElement('span');
  badge.className = 'badge';
  badge.dataset['state'] = state;
  badge.textContent =
    viewers > 0 ? `${stateLabel(state)} · ${formatCount(viewers, 'viewer')}` : stateLabel(state);
  return badge;
}
