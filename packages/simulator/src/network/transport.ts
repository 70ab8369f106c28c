import type { Millis } from '@freshet/protocol';

/** How a protocol cuts, wraps, acknowledges and slows down what it carries. */
export interface Transport {
  /** Of one packet. */
  readonly payloadBytes: number;
  /** Headers of one packet, Ethernet's included. */
  readonly overheadBytes: number;
  /** The window grows and shrinks by this. */
  readonly segmentBytes: number;
  readonly initialWindow: number;
  readonly leastWindow: number;
  /** What is left of the window after a loss. */
  readonly lossFactor: number;
  /** Packets that leave at once for each message handed over and each acknowledgement that comes. */
  readonly burstPackets: number;
  readonly leastTimeoutMs: Millis;
  readonly firstTimeoutMs: Millis;
  /** On the wire. One acknowledges two packets; a single one is acknowledged after `delayedAckMs`. */
  readonly ackBytes: number;
  readonly delayedAckMs: Millis;
  /** By how much one acknowledgement lets the window grow at first. */
  readonly growthPerAck: number;
  /** A window stops doubling when packets wait longer than this on their way; Infinity: it stops at the first loss. */
  readonly delayBoundMs: Millis;
  /** Whether a window that was not used for a timeout starts anew. */
  readonly forgetsWhenIdle: boolean;
}

/**
 * A data channel in Chromium: SCTP as its dcSCTP does it by default, over DTLS, UDP, IP and Ethernet
 * (37 + 8 + 20 + 14 bytes, and 28 of SCTP's own a packet of data).
 */
export const SCTP: Transport = {
  payloadBytes: 1160,
  overheadBytes: 107,
  segmentBytes: 1191,
  initialWindow: 10 * 1191,
  leastWindow: 4 * 1191,
  lossFactor: 0.5,
  burstPackets: 4,
  leastTimeoutMs: 400,
  firstTimeoutMs: 500,
  ackBytes: 107,
  delayedAckMs: 200,
  growthPerAck: 1191,
  delayBoundMs: Number.POSITIVE_INFINITY,
  forgetsWhenIdle: false,
};

/** TCP as Linux has it by default, with CUBIC reduced to its HyStart and to what it leaves of the window after a loss. */
export const TCP: Transport = {
  payloadBytes: 1448,
  overheadBytes: 66,
  segmentBytes: 1448,
  initialWindow: 10 * 1448,
  leastWindow: 2 * 1448,
  lossFactor: 0.7,
  burstPackets: Number.POSITIVE_INFINITY,
  leastTimeoutMs: 200,
  firstTimeoutMs: 1000,
  ackBytes: 66,
  delayedAckMs: 40,
  growthPerAck: 2 * 1448,
  delayBoundMs: 16,
  forgetsWhenIdle: true,
};
