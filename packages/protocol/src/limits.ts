/**
 * Every bound on which both ends of a connection must agree. PROTOCOL.md states the consequence of reaching each. Sizes
 * are in bytes, times in milliseconds.
 */
export const LIMITS = {
  /** One data-channel message, header included. A longer one closes the link. */
  frameBytes: 16 * 1024,
  /**
   * The least payload of a `piece` frame, except for the last frame of a piece: more frames would cost more than they
   * gain.
   */
  payloadBytes: 512,
  /** One segment. A longer one from a source is skipped and counted. */
  segmentBytes: 32 * 1024 * 1024,
  /** Pieces of one segment: segmentBytes / the largest piece. */
  piecesPerSegment: 512,
  /** Low-latency parts of one segment. A segment with more parts is shared whole. */
  partsPerSegment: 200,
  /** Open data channels of one viewer, regardless of the policy. */
  neighbours: 20,
  /** Inbound links accepted beyond `maxNeighbours`. */
  spareSeats: 4,
  /** Renditions that one viewer follows at a time (video, audio, subtitles, and a switch under way). */
  renditionsFollowed: 8,
  /** Segments that a join reply announces. */
  announcementsInJoin: 128,
  /** A segment's address at the broadcaster's CDN. */
  urlCharacters: 2048,
  /** Injectors named for one segment. */
  injectors: 8,
  /** A reported uplink: 10 Gbit/s. */
  uplinkKbps: 10_000_000,
  /** One session description or candidate. */
  signalBytes: 16 * 1024,
  /** One socket.io message from a viewer. */
  signallingMessageBytes: 64 * 1024,
} as const;
