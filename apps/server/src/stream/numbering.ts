/** A place in a playlist: media sequence number and discontinuity sequence number. */
export interface Place {
  readonly msn: number;
  readonly timeline: number;
}

/** What a restarted server must know of a stream's numbers. */
export interface Numbering {
  readonly msnOffset: number;
  readonly timelineOffset: number;
  /** The highest of our numbers in use. */
  readonly highest: Place;
}
