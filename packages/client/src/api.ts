/** What a page passes to `new Freshet()`. */
export interface FreshetOptions {
  /** The stream's multivariant playlist on a Freshet server: `https://host[/base]/live/<stream>/index.m3u8`. */
  readonly url: string;
  /** Access token of a private stream; handed to the tracker. Default: none. */
  readonly token?: string | undefined;
  /**
   * Whether this viewer may give as well as take. Default true. Save-Data, cellular and a low battery switch giving
   * off whatever is set here. When it is off the viewer still takes from others.
   */
  readonly uploads?: boolean | undefined;
  /**
   * For streams whose segments come from the broadcaster's own CDN: what this viewer adds to each segment's address
   * there, such as its token (`token=abc&expires=123`). A parameter that the address has already is replaced. A function
   * is asked for every request, so that a token can be renewed. It goes to the CDN only, never to the Freshet server or
   * to another viewer. Default: nothing. Without a token that the CDN wants, segments are refused, and only what
   * neighbours have is played.
   */
  readonly cdnQuery?: string | (() => string) | undefined;
  /**
   * Whether the viewer's cookies go to that CDN: `fetch`'s word. `include` needs a CDN that names the page's origin in
   * `Access-Control-Allow-Origin`; requests that hls.js makes itself need `withCredentials` in its `xhrSetup` besides.
   * Default `same-origin`.
   */
  readonly cdnCredentials?: RequestCredentials | undefined;
  /** `false`: plain HLS from the server, no tracker, no WebRTC. Default true. */
  readonly p2p?: boolean | undefined;
  /** Write what the client does to the console (`console.debug`). Default false. */
  readonly debug?: boolean | undefined;
}

/**
 * `plain`: the player takes everything from the server; `connecting`: joining the swarm, playing from the server
 * meanwhile; `swarming`: joined (with or without neighbours yet).
 */
export type FreshetState = 'plain' | 'connecting' | 'swarming';

/** Why the state is what it is. `stateReason` says the same as a sentence. */
export type StateCode =
  /* swarming */
  | 'joined'
  | 'tracker-lost'
  /* connecting */
  | 'joining'
  | 'tracker-unreachable'
  /* plain, for good */
  | 'switched-off'
  | 'no-webrtc'
  | 'no-sha256'
  | 'foreign-url'
  | 'destroyed'
  /* plain, because nothing can be shared */
  | 'per-viewer'
  /* plain, by the server's word */
  | 'policy'
  | 'version'
  | 'denied'
  | 'malformed'
  | 'flood'
  /* plain, and tried again later */
  | 'unknown-stream'
  | 'full'
  | 'draining';

/**
 * Which way a link's packets take: `direct` from one address of the two machines to the other, `reflexive` through the
 * address that a router has on the internet, `relayed` through a TURN server; `unknown` while it is not known.
 */
export type LinkKind = 'direct' | 'reflexive' | 'relayed' | 'unknown';

/**
 * What this viewer knows of itself. All of it is self-reported: the server's own counters are the measure of what
 * the swarm saves. Bytes are of media segments; playlists, init segments and signalling are not in them.
 */
export interface Statistics {
  readonly state: FreshetState;
  readonly stateCode: StateCode;
  /** One sentence for a person. */
  readonly stateReason: string;
  /** Open links to other viewers. */
  readonly neighbours: number;
  /** The same by the way that their packets take. */
  readonly links: Readonly<Record<LinkKind, number>>;
  /** From dialling to an open link, mean of the links that this viewer dialled; undefined before the first. */
  readonly connectMs: number | undefined;
  /** Whether this viewer may give now: its own switch, Save-Data, cellular, battery. */
  readonly uploads: boolean;
  /** Bytes of verified pieces that came from other viewers and were new. */
  readonly peerBytes: number;
  /** Bytes of segments that came from the server. */
  readonly originBytes: number;
  /** Bytes of pieces sent to other viewers. */
  readonly uploadedBytes: number;
  /** Bytes received for nothing: pieces that were already there, that failed verification or broke off. */
  readonly wastedBytes: number;
  /** Bytes of segments handed to the player. */
  readonly playedBytes: number;
  /** 1 - originBytes / playedBytes, within 0 and 1; 0 before anything was played. */
  readonly offload: number;
  /** Times that playback ran out of media after it had started (CMCD's buffer starvation); seeks do not count. */
  readonly stalls: number;
  /** From loading the stream to the first frame that could play; undefined before. */
  readonly startupMs: number | undefined;
  /**
   * Distance to the live edge as hls.js reckons it, from the newest playlist that it has; undefined before it is known.
   * A player that polls late is told of the edge late and reads up to a segment less than the truth; with
   * announcements the edge is known at once, so that the two do not compare.
   */
  readonly latencySeconds: number | undefined;
}

export type WarningCode =
  /** The state turned `plain` by the server's word; `message` is its text. */
  | 'refused'
  /** A fatal error of the player that is being recovered from. */
  | 'recovering'
  /** A fatal error of the player that was not recovered from: show it to the viewer. */
  | 'playback-failed'
  /** A neighbour sent bytes that do not match the piece list. They were thrown away. */
  | 'bad-piece'
  /** The page made as many connections as is safe: no new neighbours until it is reloaded. */
  | 'connections-used-up'
  /** A fault of this library. Playback goes on. */
  | 'internal';

export interface FreshetWarning {
  readonly code: WarningCode;
  readonly message: string;
}

export interface FreshetEvents {
  /** At most once a second, while something changes. */
  readonly statistics: Statistics;
  readonly state: Pick<Statistics, 'state' | 'stateCode' | 'stateReason'>;
  readonly warning: FreshetWarning;
}
