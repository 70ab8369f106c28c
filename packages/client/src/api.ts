/** The options of `new Freshet()`. */
export interface FreshetOptions {
  /**
   * Address of the stream's multivariant playlist on a Freshet server:
   * `https://host[/base]/live/<stream>/index.m3u8`.
   * A relative address is resolved against the page. Any other address throws nothing: the state is `plain` with the
   * code `foreign-url`, and hls.js plays that address without sharing.
   */
  readonly url: string;
  /**
   * Access token of a private stream, at most 4096 characters, or a function that makes one. The function is called at
   * once, and again whenever a token is about to expire or is refused, so return a new one each time. The client shows
   * the token to the stream's server and to nobody else. It reads nothing from it. Default: none.
   */
  readonly token?: string | (() => string | Promise<string>) | undefined;
  /**
   * Called when the token is about to expire or is refused, instead of the function `token`. Returns another token. The
   * server asks half a minute before the expiry; playback continues meanwhile. If the function fails, or its token is
   * refused three times, playback ends with the warning `denied`. Default: the function `token`, if it is one.
   */
  readonly onTokenExpired?: (() => string | Promise<string>) | undefined;
  /**
   * Whether this viewer may upload to other viewers. Default: true. Save-Data, a cellular network and a low battery
   * stop uploads whatever is set here; `setUploads` changes the switch later. A viewer that does not upload still
   * downloads from others, so the more such viewers there are, the more the server has to deliver.
   */
  readonly uploads?: boolean | undefined;
  /**
   * For streams whose segments are on the broadcaster's own CDN: the query parameters, such as a token
   * (`token=abc&expires=123`), that this viewer adds to each segment's address there. They replace parameters of the
   * same name. A function is called for every request, so that it can renew a token; if it throws, the request goes out
   * without parameters. They are sent to the CDN only, never to the Freshet server or to other viewers. Default: none.
   * Without a token that the CDN requires, the CDN refuses the segments, and only what neighbours have is played.
   */
  readonly cdnQuery?: string | (() => string) | undefined;
  /**
   * Whether requests to that CDN carry the viewer's cookies: the `credentials` option of `fetch`. Default:
   * `same-origin`. With `include` the CDN has to name the page's origin in `Access-Control-Allow-Origin`, otherwise the
   * browser blocks its answers. Requests that hls.js makes itself also need `withCredentials` in its `xhrSetup`.
   */
  readonly cdnCredentials?: RequestCredentials | undefined;
  /** `false`: plain HLS from the server, without tracker and WebRTC; the code is `switched-off`. Default: true. */
  readonly p2p?: boolean | undefined;
  /** Writes the client's log to the browser's console (`console.debug`). Default: false. */
  readonly debug?: boolean | undefined;
}

/**
 * `plain`: the player loads everything from the server.
 * `connecting`: the viewer is joining the swarm and plays from the server meanwhile.
 * `swarming`: the viewer has joined, with or without neighbours so far.
 */
export type FreshetState = 'plain' | 'connecting' | 'swarming';

/** The reason for the state. `stateReason` gives the same as a sentence. */
export type StateCode =
  /* swarming */
  | 'joined'
  | 'tracker-lost'
  /* connecting */
  | 'joining'
  | 'tracker-unreachable'
  /* plain, permanently */
  | 'switched-off'
  | 'no-webrtc'
  | 'no-sha256'
  | 'foreign-url'
  | 'destroyed'
  /* plain, because nothing can be shared */
  | 'per-viewer'
  /* plain, decided by the server */
  | 'policy'
  | 'version'
  | 'denied'
  | 'malformed'
  | 'flood'
  /* plain, retried later */
  | 'unknown-stream'
  | 'full'
  | 'draining';

/**
 * The path of a link's packets. `direct`: from an address of one machine to an address of the other. `reflexive`:
 * through the public address of a router. `relayed`: through a TURN server. `unknown`: not determined yet.
 */
export type LinkKind = 'direct' | 'reflexive' | 'relayed' | 'unknown';

/**
 * This viewer's own figures. They are self-reported: use the server's counters to measure what the swarm saves. Byte
 * counts cover media segments only, without playlists, init segments and signalling.
 */
export interface Statistics {
  readonly state: FreshetState;
  readonly stateCode: StateCode;
  /** The reason for the state as one English sentence, to show to a person. */
  readonly stateReason: string;
  /** Number of open links to other viewers. */
  readonly neighbours: number;
  /** Open links by the path of their packets. */
  readonly links: Readonly<Record<LinkKind, number>>;
  /**
   * Mean time in milliseconds from dialling to an open link, over the links that this viewer dialled. Undefined before
   * the first one.
   */
  readonly connectMs: number | undefined;
  /**
   * Whether this viewer may upload now: its own switch is on, and neither Save-Data, a cellular network nor a low
   * battery prevents it.
   */
  readonly uploads: boolean;
  /** Bytes of new, verified pieces from other viewers. */
  readonly peerBytes: number;
  /** Bytes of segments from the origin: the server, or the broadcaster's CDN. */
  readonly originBytes: number;
  /** Bytes of pieces sent to other viewers. */
  readonly uploadedBytes: number;
  /** Bytes received in vain: pieces that were already held, failed verification or broke off. */
  readonly wastedBytes: number;
  /** Bytes of segments delivered to the player. */
  readonly playedBytes: number;
  /**
   * Share of the played bytes that the origin did not deliver: 1 - originBytes / playedBytes, within 0 and 1. 0 before
   * anything was played.
   */
  readonly offload: number;
  /**
   * Number of times that playback ran out of media after it had started (buffer starvation in CMCD). Seeks do not
   * count.
   */
  readonly stalls: number;
  /** Time in milliseconds from loading the stream to the first frame that could play. Undefined before. */
  readonly startupMs: number | undefined;
  /**
   * Distance to the live edge in seconds, as hls.js computes it from its newest playlist. Undefined before it is known.
   * It cannot be compared with the latency of a player that polls: such a player learns of the edge late and reads up
   * to a segment less than the true distance. With announcements the edge is known at once.
   */
  readonly latencySeconds: number | undefined;
}

/** What a warning is about. Only `playback-failed` and `denied` mean that playback has ended. */
export type WarningCode =
  /** The tracker refused this viewer; `message` is its text. */
  | 'refused'
  /** A fatal error of the player from which the client is recovering it. */
  | 'recovering'
  /** A fatal error of the player from which the client could not recover it: show it to the viewer. */
  | 'playback-failed'
  /** The server refuses this viewer: the token is missing, wrong, expired or revoked. Show it to the viewer. */
  | 'denied'
  /** A neighbour sent bytes that do not match the piece list. The client discarded them. */
  | 'bad-piece'
  /** The page has opened as many WebRTC connections as is safe. It finds no new neighbours until it is reloaded. */
  | 'connections-used-up'
  /** A fault in this library. Playback continues. */
  | 'internal';

/** A problem to log, or to show to the viewer. */
export interface FreshetWarning {
  readonly code: WarningCode;
  /** The details in English, for a log. */
  readonly message: string;
}

/** The events of `Freshet.on`, each with the payload of its listeners. */
export interface FreshetEvents {
  /** The current figures, at most once a second and only while something changes. */
  readonly statistics: Statistics;
  /** The state or its reason has changed. */
  readonly state: Pick<Statistics, 'state' | 'stateCode' | 'stateReason'>;
  /** Something went wrong; see `WarningCode`. */
  readonly warning: FreshetWarning;
}
