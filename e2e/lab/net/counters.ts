/** What has passed one direction of a home's line since the carrier started. */
export interface WayCounters {
  readonly packets: number;
  /** Of Ethernet frames. */
  readonly bytes: number;
  /** An estimate of the swarm's media among them: bulk packets of data channels without their headers. */
  readonly media: number;
  /** The queue was full. */
  readonly dropped: number;
  /** By the line's loss, after they had been sent. */
  readonly lost: number;
  /** Came out more than 2 ms after their time, because the machine was busy. */
  readonly late: number;
  /** Packets by the whole milliseconds from their arrival until the modem had sent them. */
  readonly queue: readonly number[];
}

export interface LineCounters {
  readonly up: WayCounters;
  readonly down: WayCounters;
}

/** What a call's packets have been through since it began. */
export interface CallCounters {
  /** Packets that were not back after a second. */
  readonly lost: number;
  /** Packets by the whole milliseconds until they were back. */
  readonly roundTrips: readonly number[];
}
