import type { Numbering, Place } from '../../stream/numbering.ts';

/** Maps a source's numbers to ours, between two restarts of its encoder. */
export interface Generation {
  readonly epoch: number;
  /** Added to the source's media sequence numbers. */
  readonly msnOffset: number;
  /** Added to its discontinuity sequence numbers. */
  readonly timelineOffset: number;
}

/**
 * A list that lags behind the saved numbers by at most this much continues them: renditions and caches are not in step.
 */
const LAG = 3;
/** Segments that may have been published after the numbers were last saved. */
const UNSAVED = 20;

/**
 * One numbering for all renditions of a stream. After a restart of the encoder our numbers continue, with the same
 * offsets in each rendition, so that a player that switches between them finds the same programme under the same
 * number.
 */
export class StreamTimeline {
  readonly #openEpoch: () => number;
  readonly #onChange: (numbering: Numbering) => void;
  #current: Generation;
  #highest: Place;
  /** The numbers come from an earlier run, and no list of the source has shown yet whether they still hold. */
  #isResumed: boolean;

  /**
   * @param epoch of the first segments. @param openEpoch makes the next one
   * @param saved numbering of an earlier run. @param onChange called with every change of the numbering to save
   */
  constructor(
    epoch: number,
    openEpoch: () => number,
    saved?: Numbering,
    onChange: (numbering: Numbering) => void = () => undefined,
  ) {
    const { msnOffset, timelineOffset, highest } = saved ?? {
      ...{ msnOffset: 0, timelineOffset: 0 },
      highest: { msn: -1, timeline: 0 },
    };
    this.#current = { epoch, msnOffset, timelineOffset };
    this.#highest = highest;
    this.#isResumed = saved !== undefined;
    this.#openEpoch = openEpoch;
    this.#onChange = onChange;
  }

  /**
   * Begins a rendition whose first list spans these places of the source. If they lie below the numbers that an earlier
   * run of this server used, the encoder restarted in the meantime: our numbers then continue above those.
   */
  begin(first: Place, last: Place): Generation {
    const behind = last.msn + this.#current.msnOffset < this.#highest.msn - LAG;
    if (this.#isResumed && behind) this.#moveAbove(this.#current.epoch, first, UNSAVED);
    this.#isResumed = false;
    return this.#current;
  }

  /** Records a place, in our numbers, that some rendition uses. */
  note({ msn, timeline }: Place): void {
    this.#highest = {
      msn: Math.max(this.#highest.msn, msn),
      timeline: Math.max(this.#highest.timeline, timeline),
    };
    this.#tell();
  }

  /**
   * Call it when a rendition sees a restart. The first rendition to see it opens a generation, the others join it.
   * @param from the rendition's generation so far. @param first of the new list, in the source's numbers
   * @param last used by this rendition, in our numbers: the new ones must be above it
   */
  enter(from: Generation, first: Place, last: Place): Generation {
    const { msnOffset, timelineOffset } = this.#current;
    const joins =
      this.#current !== from &&
      first.msn + msnOffset > last.msn &&
      first.timeline + timelineOffset > last.timeline;
    if (!joins) this.#moveAbove(this.#openEpoch(), first, 0);
    return this.#current;
  }

  #moveAbove(epoch: number, first: Place, spare: number): void {
    this.#current = {
      epoch,
      msnOffset: this.#highest.msn + 1 + spare - first.msn,
      timelineOffset: this.#highest.timeline + 1 - first.timeline,
    };
    this.#tell();
  }

  #tell(): void {
    const { msnOffset, timelineOffset } = this.#current;
    this.#onChange({ msnOffset, timelineOffset, highest: this.#highest });
  }
}
