/**
 * The protocol version: one number for signalling and data channel together. A cached page of another version is
 * refused at join and plays plain HLS (PROTOCOL.md, rule V1).
 */
export const PROTOCOL_VERSION = 3;
