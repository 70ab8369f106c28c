import { stateLabel } from '@freshet/ui';
import type { Stream } from '../api.ts';

export function stateName(state: Stream['state']): string {
  return state === 'stopped' ? 'Stopped' : stateLabel(state);
}
