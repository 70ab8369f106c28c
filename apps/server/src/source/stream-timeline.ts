/** How a source's numbers become ours, between two restarts of its encoder. */
export interface Generation {
  readonly epoch: number;
  /** Added to the source's media sequence numbers. */
  readonly msnOffset: number;
  /** Added to its discontinuity sequence numbers. */
  readonly timelineOffset: number;
}

/** A place in a playlist: media sequence number and discontinuity sequence number. */
export interface Place {
  readonly msn: number;
  readonly timeline: number;
}

/**
 * One numbering for all renditions of a stream. After a restart of the encoder our numbers go on, by the same offsets
 * in each rendition, so that a player that switches between them finds the same programme under the same number.
 */
export class StreamTimeline {
  readonly #openEpoch: () => number;
  #current: Generation;
  #highest: Place = { msn: -1, timeline: 0 };

  /** @param epoch of what comes first. @param openEpoch makes the next one */
  constructor(epoch: number, openEpoch: () => number) {
    this.#current = { epoch, msnOffset: 0, timelineOffset: 0 };
    this.#openEpoch = openEpoch;
  }

  /** For a rendition that begins now. */
  get current(): Generation {
    return this.#current;
  }

  /** Tells of a place (in our numbers) that some rendition uses. */
  note({ msn, timeline }: Place): void {
    this.#highest = {
      msn: Math.max(this.#highest.msn, msn),
      timeline: Math.max(this.#highest.timeline, timeline),
    };
  }

  /**
   * A rendition saw a restart. The first one to see it opens a generation, the others join it.
   * @param from the generation that it was in. @param first of the new list, in the source's numbers
   * @param last used by this rendition, in our numbers: the new ones must be above it
   */
  enter(from: Generation, first: Place, last: Place): Generation {
    const { msnOffset, timelineOffset } = this.#current;
    const joins =
      this.#current !== from &&
      first.msn + msnOffset > last.msn &&
      first.timeline + timelineOffset > last.timeline;
    if (!joins) {
      this.#current = {
        epoch: this.#openEpoch(),
        msnOffset: this.#highest.msn + 1 - first.msn,
        timelineOffset: this.#highest.timeline + 1 - first.timeline,
      };
    }
    return this.#current;
  }
}
