import type { Millis } from '@freshet/protocol';
import type { Origin } from '../origin/origin.ts';
import type { SimViewer } from './sim-viewer.ts';
import type { Breaches } from './viewer-check.ts';

/** A stall is attributed to the state of the origin in this time before it. */
const CAUSE_MS = 4000;
/** A line that carries less than this many times the bitrate stalls with any swarm. */
const ROOM = 1.3;

/** Checks once a second that no viewer stalls while the origin can serve it. */
export class StallWatch {
  readonly #seen = new Map<SimViewer, number>();
  readonly #lowestKbps: number;
  readonly #breaches: Breaches;
  readonly #origin: Pick<Origin, 'isUp' | 'lastUnfitAt'>;

  constructor(lowestKbps: number, origin: Pick<Origin, 'isUp' | 'lastUnfitAt'>, breaches: Breaches) {
    this.#lowestKbps = lowestKbps;
    this.#origin = origin;
    this.#breaches = breaches;
  }

  look(viewer: SimViewer, now: Millis): void {
    const { stalls } = viewer.player;
    if (stalls === (this.#seen.get(viewer) ?? 0)) return;
    this.#seen.set(viewer, stalls);
    const fit = this.#origin.isUp && now - this.#origin.lastUnfitAt > CAUSE_MS;
    if (fit && viewer.traits.downKbps >= ROOM * this.#lowestKbps)
      this.#breaches.add(now, viewer.id, 'stalled while the origin could serve it');
  }
}
