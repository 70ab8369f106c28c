/** A place in a playlist: media sequence number and discontinuity sequence number. */
export interface Place {
  readonly msn: number;
  readonly timeline: number;
}

/** What has to be known of a stream's numbers after the server was restarted. */
export interface Numbering {
  readonly msnOffset: number;
  readonly timelineOffset: number;
  /** The highest numbers that were used, ours. */
  readonly highest: Place;
}
