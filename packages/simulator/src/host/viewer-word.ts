import type { TrackerEvent } from '@freshet/swarm';

/** A viewer's statement about itself, in its join and its reports. */
export type ViewerWord = Omit<Extract<TrackerEvent, { type: 'peer-reported' }>, 'type' | 'peer'>;
