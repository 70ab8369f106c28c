import * as v from 'valibot';
import { MAX_MSN, PEER_ID, RENDITION_ID, STREAM_NAME } from './ids.ts';
import { LIMITS } from './limits.ts';
import { isSoundList } from './piece-list.ts';
import { Policy } from './policy.ts';

/**
 * The messages between a viewer and the tracker (PROTOCOL.md, rules S1 to S11): socket.io events, each with one object
 * as its argument. The receiver validates each.
 */

/** The path of socket.io, below the server's base path. */
export const SIGNALLING_PATH = '/swarm';

const peerId = v.pipe(v.string(), v.regex(PEER_ID, 'not a peer id'));
const renditionId = v.pipe(v.string(), v.regex(RENDITION_ID, 'not a rendition id'));
const renditions = v.pipe(v.array(renditionId), v.maxLength(LIMITS.renditionsFollowed));
const neighbours = v.pipe(v.array(peerId), v.maxLength(LIMITS.neighbours));
const count = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER));

const linkCount = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(LIMITS.neighbours));

const segment = {
  epoch: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xffffffff)),
  rendition: renditionId,
  msn: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(MAX_MSN)),
  /** The number of a low-latency part of the segment, from 0. */
  part: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(LIMITS.partsPerSegment - 1))),
};

const size = {
  bytes: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(LIMITS.segmentBytes)),
  durationMs: v.pipe(v.number(), v.minValue(0), v.maxValue(600_000)),
};

/** A binary attachment: ArrayBuffer in a browser, Buffer in Node. */
const attachment = v.pipe(
  v.custom<ArrayBuffer | Uint8Array>(
    (input) => input instanceof ArrayBuffer || input instanceof Uint8Array,
    'not binary',
  ),
  v.transform((input) => (input instanceof Uint8Array ? input : new Uint8Array(input))),
);

/** A WebRTC session description or candidate: exactly what simple-peer emits, and nothing else. */
export const Signal = v.variant('type', [
  v.object({
    type: v.picklist(['offer', 'answer']),
    sdp: v.pipe(v.string(), v.startsWith('v=0'), v.maxLength(LIMITS.signalBytes)),
  }),
  v.object({
    type: v.literal('candidate'),
    candidate: v.object({
      candidate: v.pipe(v.string(), v.maxLength(1024)),
      sdpMid: v.nullish(v.pipe(v.string(), v.maxLength(64))),
      sdpMLineIndex: v.nullish(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(16))),
    }),
  }),
]);
export type Signal = v.InferOutput<typeof Signal>;

/* ---- viewer -> tracker ---- */

const token = v.pipe(v.string(), v.maxLength(4096));

export const Join = v.object({
  version: v.pipe(v.number(), v.integer()),
  stream: v.pipe(v.string(), v.regex(STREAM_NAME, 'not a stream name')),
  /** Access token of a private stream. */
  token: v.optional(token),
  /** The secret of an earlier join, with which the viewer keeps its peer id. */
  resume: v.optional(v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{43}$/, 'not a resume secret'))),
  /** Links that are already open (after a reconnect). */
  neighbours,
  renditions,
  /** Whether this viewer uploads to others. */
  uploads: v.boolean(),
  /** A random number that the browser keeps. It assigns the viewer to the broadcaster's groups. */
  experimentBucket: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(9999))),
  /** Whether this viewer is on a cellular network, as far as its browser tells. */
  cellular: v.optional(v.boolean()),
});
export type Join = v.InferOutput<typeof Join>;

/**
 * The path of a link's packets: between addresses of the two machines, through a router's address, through a TURN
 * server, or unknown.
 */
export const LINK_KINDS = ['direct', 'reflexive', 'relayed', 'unknown'] as const;
export type LinkKind = (typeof LINK_KINDS)[number];

/**
 * Sent when the viewer's state changed (rule S8), at most once a second. The counters are self-reported and labelled so
 * everywhere.
 */
export const Report = v.object({
  neighbours,
  renditions,
  uploads: v.boolean(),
  /** As in the join. */
  cellular: v.optional(v.boolean()),
  /** Whether the viewer looks for more neighbours. */
  seeking: v.boolean(),
  peerBytes: count,
  originBytes: count,
  uploadedBytes: count,
  stalls: count,
  /** Measured uplink; absent until enough was sent to measure it. */
  uplinkKbps: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(LIMITS.uplinkKbps))),
  /** Pieces that this viewer was asked to inject and did not have in time. */
  lateInjections: v.optional(count),
  /** Bytes of segments handed to the player. */
  playedBytes: v.optional(count),
  /** The time from loading the stream to the first picture. */
  startupMs: v.optional(count),
  /** Distance to the live edge. */
  latencyMs: v.optional(count),
  /** The open links by kind. */
  links: v.optional(v.object(v.entriesFromList(LINK_KINDS, linkCount))),
  /** The number of opened links that this viewer dialled, and their total time from dialling to open. */
  dialled: v.optional(v.object({ links: count, ms: count })),
});
export type Report = v.InferOutput<typeof Report>;

export const SignalTo = v.object({ to: peerId, signal: Signal });
export type SignalTo = v.InferOutput<typeof SignalTo>;

/** `peer` sent a piece that does not match its hash in the piece list. */
export const Pollution = v.object({ peer: peerId, ...segment, piece: count });
export type Pollution = v.InferOutput<typeof Pollution>;

/** The origin's bytes of several segments did not match their piece lists. This names the last of these segments. */
export const Difference = v.object(segment);
export type Difference = v.InferOutput<typeof Difference>;

/** Another access token, in place of one that expires. */
export const Token = v.object({ token });
export type Token = v.InferOutput<typeof Token>;

/* ---- tracker -> viewer ---- */

/** A segment or a part entered the buffer. `hashes`: SHA-256 of each piece, 32 bytes a piece, in order. */
export const Announcement = v.pipe(
  v.object({
    ...segment,
    ...size,
    hashes: attachment,
    /** The parts that make up the segment. The segment then has the parts' pieces and no others. */
    parts: v.optional(v.pipe(v.array(v.object(size)), v.minLength(1), v.maxLength(LIMITS.partsPerSegment))),
    /**
     * The segment's address at the broadcaster's CDN, without anything that a viewer adds; absent: the segment is on
     * this server.
     */
    url: v.optional(
      v.pipe(v.string(), v.maxLength(LIMITS.urlCharacters), v.regex(/^https?:\/\//, 'not an http address')),
    ),
    /** The viewers that fetch pieces from the origin: `count` pieces from `first` on. Empty when no viewer is asked. */
    injectors: v.pipe(
      v.array(v.object({ peer: peerId, first: count, count })),
      v.maxLength(LIMITS.injectors),
    ),
  }),
  v.check((a) => isSoundList(a), 'piece list and size disagree'),
);
export type Announcement = v.InferOutput<typeof Announcement>;

/** `dial`: the receiver makes the offer. */
export const Introduction = v.object({ peer: peerId, dial: v.boolean() });
export type Introduction = v.InferOutput<typeof Introduction>;

export const SignalFrom = v.object({ from: peerId, signal: Signal });
export type SignalFrom = v.InferOutput<typeof SignalFrom>;

/** Close the link to this neighbour and do not link to it again. */
export const Expulsion = v.object({ peer: peerId });
export type Expulsion = v.InferOutput<typeof Expulsion>;

/**
 * `version`: reload the page; `full` (the swarm, or a ban that ends soon), `draining`: play plain HLS and try later;
 * `denied`: the token was refused; `unknown-stream`, `malformed`, `flood`: a fault of the caller.
 */
export const REFUSALS = [
  'version',
  'unknown-stream',
  'denied',
  'full',
  'draining',
  'malformed',
  'flood',
] as const;
export const Refusal = v.object({
  code: v.picklist(REFUSALS),
  message: v.pipe(v.string(), v.maxLength(500)),
});
export type Refusal = v.InferOutput<typeof Refusal>;

export const Welcome = v.object({
  peer: peerId,
  resume: v.string(),
  policy: Policy,
  announcements: v.pipe(v.array(Announcement), v.maxLength(LIMITS.announcementsInJoin)),
});
export type Welcome = v.InferOutput<typeof Welcome>;

/** The acknowledgement of `join`. */
export const JoinReply = v.union([v.object({ welcome: Welcome }), v.object({ refusal: Refusal })]);
export type JoinReply = v.InferOutput<typeof JoinReply>;

/** For socket.io's type parameters. */
export interface ViewerEvents {
  join: (join: Join, reply: (answer: JoinReply) => void) => void;
  report: (report: Report) => void;
  signal: (signal: SignalTo) => void;
  pollution: (pollution: Pollution) => void;
  difference: (difference: Difference) => void;
  token: (token: Token) => void;
  leave: () => void;
}
export interface TrackerEvents {
  announce: (announcement: Announcement) => void;
  introduce: (introduction: Introduction) => void;
  signal: (signal: SignalFrom) => void;
  policy: (policy: Policy) => void;
  expel: (expulsion: Expulsion) => void;
  /** The token of this viewer expires soon: send another. */
  renew: () => void;
  /** An event of this viewer was rejected. Also sent last before the connection of a flooding viewer is closed. */
  refused: (refusal: Refusal) => void;
}
