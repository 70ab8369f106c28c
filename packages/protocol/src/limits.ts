/**
 * Every bound that both ends of a wire must agree on. What happens at each stands in PROTOCOL.md.
 * Sizes are bytes, times are milliseconds.
 */
export const LIMITS = {
  /** One data-channel message, header included. A longer one closes the link. */
  frameBytes: 16 * 1024,
  /** Of a piece in one frame at least, but for the piece's last: more frames would cost more than they bring. */
  payloadBytes: 512,
  /** One segment. A longer one from a source is skipped and counted. */
  segmentBytes: 32 * 1024 * 1024,
  /** Pieces of one segment: segmentBytes / the largest piece. */
  piecesPerSegment: 512,
  /** Low-latency parts of one segment. One of more parts comes whole. */
  partsPerSegment: 200,
  /** Open data channels of one viewer, whatever the policy asks. */
  neighbours: 20,
  /** Links above the policy's number that a viewer accepts from those who dial it. */
  spareSeats: 4,
  /** Renditions that one viewer follows at a time (video, audio, subtitles, and a switch under way). */
  renditionsFollowed: 8,
  /** Segments whose piece lists a join reply carries. */
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
