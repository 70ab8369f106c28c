export const STREAM_STATES = ['starting', 'live', 'stale', 'down', 'ended'] as const;
export type StreamState = (typeof STREAM_STATES)[number];

/** The state in a word or two. */
export function stateLabel(state: StreamState): string {
  switch (state) {
    case 'starting':
      return 'Starting';
    case 'live':
      return 'Live';
    case 'stale':
      return 'Interrupted';
    case 'down':
      return 'Off air';
    case 'ended':
      return 'Ended';
  }
}
