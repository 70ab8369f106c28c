import type { Millis } from '@freshet/protocol';

/** How a protocol splits, frames, acknowledges and throttles its data. */
export interface Transport {
  /** Payload of one packet. */
  readonly payloadBytes: number;
  /** Headers of one packet, Ethernet's included. */
  readonly overheadBytes: number;
  /** The unit by which the window grows and shrinks. */
  readonly segmentBytes: number;
  readonly initialWindow: number;
  readonly leastWindow: number;
  /** The share of the window that is left after a loss. */
  readonly lossFactor: number;
  /** The most packets that leave at once for each message handed over and each acknowledgement received. */
  readonly burstPackets: number;
  readonly leastTimeoutMs: Millis;
  readonly firstTimeoutMs: Millis;
  /**
   * Bytes of an acknowledgement on the wire. It covers two packets; a single packet is acknowledged after
   * `delayedAckMs`.
   */
  readonly ackBytes: number;
  readonly delayedAckMs: Millis;
  /** The most that one acknowledgement adds to the window at first. */
  readonly growthPerAck: number;
  /** A window stops doubling when packets wait longer than this on their way; Infinity: it stops at the first loss. */
  readonly delayBoundMs: Millis;
  /** Whether a window that was not used for a timeout starts anew. */
  readonly forgetsWhenIdle: boolean;
}

/**
 * A data channel in Chromium: SCTP with the defaults of its dcSCTP, over DTLS, UDP, IP and Ethernet (37 + 8 + 20 + 14
 * bytes, and 28 of SCTP's own for a packet of data).
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

/**
 * TCP with the defaults of Linux, and with CUBIC reduced to its HyStart and its shrinking of the window after a loss.
 */
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
