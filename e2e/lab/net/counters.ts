/** Counts of one direction of a home's line since the carrier started. */
export interface WayCounters {
  readonly packets: number;
  /** Of Ethernet frames. */
  readonly bytes: number;
  /** An estimate of the swarm's media among them: bulk packets of data channels without their headers. */
  readonly media: number;
  /** Dropped by a full queue. */
  readonly dropped: number;
  /** Lost on the line, after the modem had sent them. */
  readonly lost: number;
  /** Left the carrier more than 2 ms after their time, because the machine was busy. */
  readonly late: number;
  /** Packets by the time from their arrival until the modem had sent them, in whole milliseconds. */
  readonly queue: readonly number[];
}

export interface LineCounters {
  readonly up: WayCounters;
  readonly down: WayCounters;
}

/** Counts of a call's packets since it began. */
export interface CallCounters {
  /** Packets that were not back after a second. */
  readonly lost: number;
  /** Packets by round trip, in whole milliseconds. */
  readonly roundTrips: readonly number[];
}
