import * as v from 'valibot';
import { DEFAULT_POLICY, LIMITS } from '@freshet/protocol';
import {
  access,
  adminToken,
  allowedOrigins,
  basePath,
  hostAndPort,
  hosts,
  iceServers,
  ingestKeys,
  numberBetween,
  oneOf,
  publicUrl,
  sources,
  streamNames,
  text,
  tokenSecret,
  transcode,
  trustProxy,
} from './values.ts';

/**
 * One option of the server. The command line, the environment, the config file, `--help` and the table in
 * docs/server.md are all made from OPTIONS. Its keys are the names in the config file and in `Config`.
 */
export interface Option<
  S extends v.GenericSchema = v.GenericSchema,
  F extends v.InferOutput<S> | undefined = v.InferOutput<S> | undefined,
> {
  /** In commander's notation. */
  readonly flag: string;
  readonly env: string;
  /** What it does, its unit, and what breaks when it is too low or too high. */
  readonly help: string;
  /** The default, in words where the value alone says too little. */
  readonly defaultText: string;
  /** May be given several times; in the environment, spaces separate the values. */
  readonly many?: true;
  readonly schema: S;
  readonly fallback: F;
}

/** An option that always has a value. */
function option<S extends v.GenericSchema>(o: Option<S, v.InferOutput<S>>): Option<S, v.InferOutput<S>> {
  return o;
}

/** An option whose absence has a meaning. */
function optional<S extends v.GenericSchema>(o: Option<S, undefined>): Option<S, undefined> {
  return o;
}

export const OPTIONS = {
  sources: option({
    flag: '--source <name=url>',
    env: 'FRESHET_SOURCE',
    help: 'Live stream to relay: its name as viewers see it, and its address. HLS over http(s) needs no other program. ffmpeg reads the rest: rtmp(s)://, rtsp(s)://, srt://, udp://, MPEG-TS and radio over http(s)://, and file:PATH, played in a loop. docs/sources.md has an example of each. Repeatable. Without any source, the server offers its built-in stream demo.',
    defaultText: 'the demo stream',
    many: true,
    schema: sources,
    fallback: [],
  }),
  encryptedFrom: option({
    flag: '--encrypted-from <host>',
    env: 'FRESHET_ENCRYPTED_FROM',
    help: "Host, or host:port, in a private network whose encrypted segments may be published although it is not a source's own host and port. Encrypted segments cannot be recognised as media, so a source could otherwise have this server publish what only this server can reach. Repeatable.",
    defaultText: "the source's own host",
    many: true,
    schema: hosts,
    fallback: [],
  }),
  ingestKeys: option({
    flag: '--ingest-key <name=key>',
    env: 'FRESHET_INGEST_KEY',
    help: 'Stream that an encoder pushes: its name as viewers see it, and the key for uploading HLS (HTTP PUT or POST) to /ingest/<name>/<key>/index.m3u8, for example with ffmpeg or OBS. The key has at least 12 characters; anyone who knows it can broadcast. Repeatable.',
    defaultText: 'pushing is off',
    many: true,
    schema: ingestKeys,
    fallback: [],
  }),
  unlisted: option({
    flag: '--unlisted <name>',
    env: 'FRESHET_UNLISTED',
    help: 'Stream that is named nowhere: not on the start page, in /api/streams, on pages for wrong addresses, nor in /metrics and /healthz without the right to see all. Anyone who knows its name can watch it. Also for streams that the console adds. Repeatable.',
    defaultText: 'all streams are listed',
    many: true,
    schema: streamNames,
    fallback: [],
  }),
  transcode: option({
    flag: '--transcode <name=sizes>',
    env: 'FRESHET_TRANSCODE',
    help: 'Additional renditions of a source that ffmpeg reads, for viewers with slow connections, for example live=720p,480p. Sizes: 1080p, 720p, 480p, 360p and 240p; those above the size of the source are skipped. Each costs about one CPU core at 720p. Repeatable, once per source.',
    defaultText: "the source's own only",
    many: true,
    schema: transcode,
    fallback: [],
  }),
  ffmpeg: option({
    flag: '--ffmpeg <program>',
    env: 'FRESHET_FFMPEG',
    help: 'The ffmpeg program that reads sources other than HLS: its name on the PATH, or its path. Looked up when such a source starts.',
    defaultText: 'ffmpeg',
    schema: text,
    fallback: 'ffmpeg',
  }),
  chromium: optional({
    flag: '--chromium <program>',
    env: 'FRESHET_CHROMIUM',
    help: 'The Chromium or Chrome program that runs the headless viewers of the console’s rehearsals: its name on the PATH, or its path. It runs in its sandbox, which does not work for root: run the server as another user, or name a script that starts it with --no-sandbox.',
    defaultText: 'chromium or google-chrome, if found',
    schema: text,
    fallback: undefined,
  }),
  host: optional({
    flag: '--host <address>',
    env: 'FRESHET_HOST',
    help: 'Address to listen on. Use 127.0.0.1 to accept connections from this machine only, for example behind a proxy or for a trial.',
    defaultText: 'all interfaces',
    schema: text,
    fallback: undefined,
  }),
  port: option({
    flag: '--port <number>',
    env: 'FRESHET_PORT',
    help: 'TCP port to listen on. 0 picks a free port and prints it.',
    defaultText: '8080',
    schema: numberBetween(0, 65535),
    fallback: 8080,
  }),
  bufferSeconds: option({
    flag: '--buffer-seconds <seconds>',
    env: 'FRESHET_BUFFER_SECONDS',
    help: "Seconds of each stream to keep in memory. Below the source's own playlist window (often 10 to 30 s), viewers find gaps. A higher value only costs memory.",
    defaultText: '60',
    schema: numberBetween(4, 3600),
    fallback: 60,
  }),
  bufferMb: option({
    flag: '--buffer-mb <megabytes>',
    env: 'FRESHET_BUFFER_MB',
    help: 'Megabytes of memory for each stream: media, and the lines of its playlists above 256 kB. At this limit the server drops the oldest segments, even if --buffer-seconds allows more. A low value shortens the buffer. The sum over all streams must fit into memory.',
    defaultText: '512',
    schema: numberBetween(8, 1_048_576),
    fallback: 512,
  }),
  dvrHours: option({
    flag: '--dvr-hours <hours>',
    env: 'FRESHET_DVR_HOURS',
    help: "How far viewers can rewind, in hours (0.5 is half an hour), if --buffer-mb is large enough: an hour at 4 Mbit/s takes 1800 MB. /healthz and /metrics show the actual length and which of the two limits applies. A long window makes each playlist long. 0: the source's own window.",
    defaultText: "0, the source's own window",
    schema: numberBetween(0, 168, false),
    fallback: 0,
  }),
  stateFile: optional({
    flag: '--state-file <file>',
    env: 'FRESHET_STATE_FILE',
    help: 'JSON file that keeps the numbering of the streams across restarts of this server. Without it, segment numbers go back for viewers when the encoder and this server both restart. Its folder must exist and be writable.',
    defaultText: 'nothing is written to disk',
    schema: text,
    fallback: undefined,
  }),
  dataDir: optional({
    flag: '--data-dir <folder>',
    env: 'FRESHET_DATA_DIR',
    help: 'Folder in which the console keeps its data across restarts: the added streams with their addresses, the sharing policies, the price, the hash of the token, and the audit log. The server creates it if it is missing. Without a folder, a restart loses this data and makes a new token.',
    defaultText: 'nothing is kept',
    schema: text,
    fallback: undefined,
  }),
  console: option({
    flag: '--console <switch>',
    env: 'FRESHET_CONSOLE',
    help: 'The console at /console and its API at /control: on or off. Both need the token.',
    defaultText: 'on',
    schema: oneOf(['on', 'off']),
    fallback: 'on',
  }),
  adminToken: optional({
    flag: '--admin-token <token>',
    env: 'FRESHET_ADMIN_TOKEN',
    help: 'Token for the console and its API, at least 16 characters. Prefer the environment variable: every user of the machine can read arguments.',
    defaultText: 'made at the first start and printed once',
    schema: adminToken,
    fallback: undefined,
  }),
  access: option({
    flag: '--access <name=mode>',
    env: 'FRESHET_ACCESS',
    help: 'Who may watch a stream. public: everybody. token: viewers with a token (JWT) that --token-secret or --token-jwks verifies; without one they get neither playlists nor media, and may not share. The name may contain *, and the first entry that fits applies: *=token makes all streams private. Repeatable.',
    defaultText: 'all streams are public',
    many: true,
    schema: access,
    fallback: [],
  }),
  tokenSecret: optional({
    flag: '--token-secret <secret>',
    env: 'FRESHET_TOKEN_SECRET',
    help: 'Secret with which your site signs the tokens of private streams by HS256, at least 32 characters. Whoever knows it can make tokens. Prefer the environment variable: every user of the machine can read arguments.',
    defaultText: 'no token by HS256 is accepted',
    schema: tokenSecret,
    fallback: undefined,
  }),
  tokenJwks: optional({
    flag: '--token-jwks <url or file>',
    env: 'FRESHET_TOKEN_JWKS',
    help: 'JSON Web Key Set with the public keys that verify the tokens of private streams by RS256, ES256 or EdDSA: an http(s) address, or a file. It is read again every minute, and when a token names another key. Without --token-secret, a restart of the server voids the tickets in playlists, and players without our client may have to be restarted.',
    defaultText: 'no token by a public key is accepted',
    schema: text,
    fallback: undefined,
  }),
  allowedOrigins: option({
    flag: '--allow-origin <origin>',
    env: 'FRESHET_ALLOW_ORIGIN',
    help: 'Site whose pages may play the streams of this server, for example https://tv.example.org. Pages of other sites get no media (CORS), may not join the swarm and may not frame the watch page. The pages of the server itself are always allowed. Keeps out sites, not programs: use --access for that. Repeatable.',
    defaultText: 'all sites',
    many: true,
    schema: allowedOrigins,
    fallback: [],
  }),
  authUrl: optional({
    flag: '--auth-url <url>',
    env: 'FRESHET_AUTH_URL',
    help: 'Address of your own service that decides who may watch, push and open the console: it gets a POST with JSON as MediaMTX sends it (user, password, token, ip, action, path, protocol, id, query), and 2xx means yes. It is asked about every stream without an --access of its own, about pushes with the right key, and about sign-ins with another token than the console’s. It must answer within 3 s; while it is away, new viewers are refused.',
    defaultText: 'nobody is asked',
    schema: publicUrl,
    fallback: undefined,
  }),
  lowLatency: option({
    flag: '--low-latency <mode>',
    env: 'FRESHET_LOW_LATENCY',
    help: 'Low latency (LL-HLS): on or off. The server relays the parts of an LL-HLS source. It also makes parts from video that ffmpeg reads, and from segments that an encoder uploads while it encodes them. Viewers then play seconds closer to the live edge and share parts as they arrive.',
    defaultText: 'off',
    schema: oneOf(['on', 'off']),
    fallback: 'off',
  }),
  consent: option({
    flag: '--consent <mode>',
    env: 'FRESHET_CONSENT',
    help: 'How the player asks viewers before their browsers upload to others: notice (it informs them, and they can switch uploads off), ask (no uploads before they agree), off (no uploads until they switch them on). It remembers their choice. Pages with a player of their own have to ask themselves.',
    defaultText: 'notice',
    schema: oneOf(['notice', 'ask', 'off']),
    fallback: 'notice',
  }),
  fallback: option({
    flag: '--fallback <where>',
    env: 'FRESHET_FALLBACK',
    help: "Where viewers fetch segments that no neighbour has. server: from this server. cdn: from the addresses in the source's playlists; this server then sends only playlists, init segments and announcements, and still reads each segment once. The CDN must allow pages of other sites (CORS). Viewers see the addresses with their queries, so these must not contain a secret token. Segments that are byte ranges of a file always come from this server.",
    defaultText: 'server',
    schema: oneOf(['server', 'cdn']),
    fallback: 'server',
  }),
  iceServers: option({
    flag: '--ice-server <url>',
    env: 'FRESHET_ICE_SERVER',
    help: 'STUN or TURN server for viewers: stun:host:3478 or turn:host:3478?transport=udp with --turn-secret. turn:user:password@host:3478 gives every viewer the same password. Repeatable, at most 8. Without any, only viewers on the same network can share. TURN traffic costs as much as serving viewers from this server.',
    defaultText: 'none',
    many: true,
    schema: iceServers,
    fallback: [],
  }),
  turnSecret: optional({
    flag: '--turn-secret <secret>',
    env: 'FRESHET_TURN_SECRET',
    help: 'The secret that this server shares with your TURN server (coturn: use-auth-secret and static-auth-secret), at least 16 characters. Each viewer gets credentials of its own that expire. Prefer the environment variable: every user of the machine can read arguments.',
    defaultText: 'none',
    schema: adminToken,
    fallback: undefined,
  }),
  turnTtlMinutes: option({
    flag: '--turn-ttl-minutes <minutes>',
    env: 'FRESHET_TURN_TTL_MINUTES',
    help: "Minutes for which a viewer's TURN credentials are valid; connected viewers get new ones at half time. With a long time, copied credentials are of use for longer. With a short one, a clock that differs between the two servers makes them void.",
    defaultText: '60',
    schema: numberBetween(2, 1440),
    fallback: 60,
  }),
  p2p: option({
    flag: '--p2p <mode>',
    env: 'FRESHET_P2P',
    help: "full: viewers connect directly. relay-only: viewers connect through your TURN server and do not learn one another's addresses (needs --ice-server turn:…). same-network: only viewers of one network (IPv4 /24, IPv6 /48) connect, as in an office. off: plain HLS from this server.",
    defaultText: DEFAULT_POLICY.mode,
    schema: oneOf(['full', 'relay-only', 'same-network', 'off']),
    fallback: DEFAULT_POLICY.mode,
  }),
  maxNeighbours: option({
    flag: '--max-neighbours <count>',
    env: 'FRESHET_MAX_NEIGHBOURS',
    help: 'Links that a viewer keeps open. With fewer than 4, segments spread slowly, and more slowly when a neighbour leaves; many links cost each page memory and control traffic.',
    defaultText: String(DEFAULT_POLICY.maxNeighbours),
    schema: numberBetween(0, LIMITS.neighbours),
    fallback: DEFAULT_POLICY.maxNeighbours,
  }),
  uploadLimitKbps: optional({
    flag: '--upload-limit-kbps <kbit/s>',
    env: 'FRESHET_UPLOAD_LIMIT_KBPS',
    help: "Upload limit of a viewer, in kbit/s; a viewer can only set a lower one. Below the stream's bitrate the origin serves more. 0 stops all uploads.",
    defaultText: "twice the stream's bitrate",
    schema: numberBetween(0, 1_000_000),
    fallback: undefined,
  }),
  uploadBudgetMb: option({
    flag: '--upload-budget-mb <megabytes>',
    env: 'FRESHET_UPLOAD_BUDGET_MB',
    help: 'Megabytes that a viewer uploads in a session; then it only downloads. With a low value, long-time viewers, which upload the most, stop uploading.',
    defaultText: String(DEFAULT_POLICY.uploadBudgetMb),
    schema: numberBetween(0, 1_000_000),
    fallback: DEFAULT_POLICY.uploadBudgetMb,
  }),
  maxViewers: option({
    flag: '--max-viewers <count>',
    env: 'FRESHET_MAX_VIEWERS',
    help: 'Viewers in all swarms together. The tracker refuses further viewers, which play plain HLS from this server; limit that traffic with --egress-limit-mbps.',
    defaultText: '10000',
    schema: numberBetween(1, 1_000_000),
    fallback: 10_000,
  }),
  prefixV4: option({
    flag: '--prefix-v4 <bits>',
    env: 'FRESHET_PREFIX_V4',
    help: 'Leading bits of an IPv4 address that count as one network: the viewers of a network share its budgets (see "Limits per address prefix"). With more bits, an attacker with a block of addresses gets more; with fewer, more strangers share a budget.',
    defaultText: '24',
    schema: numberBetween(8, 32),
    fallback: 24,
  }),
  prefixV6: option({
    flag: '--prefix-v6 <bits>',
    env: 'FRESHET_PREFIX_V6',
    help: 'The same for IPv6. Providers give one customer a /64, a /56 or a /48.',
    defaultText: '48',
    schema: numberBetween(16, 128),
    fallback: 48,
  }),
  egressLimitMbps: optional({
    flag: '--egress-limit-mbps <Mbit/s>',
    env: 'FRESHET_EGRESS_LIMIT_MBPS',
    help: 'Limit for the media that this server sends, in Mbit/s, averaged over 2 s. Above 60 % of it, new viewers are answered 503 with Retry-After; above the limit itself, so are requests for segments. The first four copies of each segment always pass, so current viewers continue from their neighbours. Set it slightly below the capacity of the line: without it, a crowd that is too large for the line makes every viewer stall. Below a few times the bitrate, no viewer can start.',
    defaultText: 'no limit',
    schema: numberBetween(0.1, 1_000_000, false),
    fallback: undefined,
  }),
  tlsCert: optional({
    flag: '--tls-cert <file>',
    env: 'FRESHET_TLS_CERT',
    help: 'PEM file with the certificate chain; turns on https. Needs --tls-key. Pages on https can only embed a server on https.',
    defaultText: 'http',
    schema: text,
    fallback: undefined,
  }),
  tlsKey: optional({
    flag: '--tls-key <file>',
    env: 'FRESHET_TLS_KEY',
    help: "PEM file with the certificate's private key, without a passphrase.",
    defaultText: 'http',
    schema: text,
    fallback: undefined,
  }),
  publicUrl: optional({
    flag: '--public-url <url>',
    env: 'FRESHET_PUBLIC_URL',
    help: "This server's address as viewers see it, including the path under which a proxy serves it. Used for the addresses and the embed code printed at start; with https:// the console's cookie is marked Secure.",
    defaultText: 'http(s)://localhost:port + base path',
    schema: publicUrl,
    fallback: undefined,
  }),
  basePath: option({
    flag: '--base-path <path>',
    env: 'FRESHET_BASE_PATH',
    help: 'Serve everything below this path, for example /freshet. Only for a proxy that passes the path on unchanged.',
    defaultText: '/',
    schema: basePath,
    fallback: '',
  }),
  trustProxy: option({
    flag: '--trust-proxy <proxies>',
    env: 'FRESHET_TRUST_PROXY',
    help: "The reverse proxies in front of the server, whose X-Forwarded-For entries it trusts for a client's address: a number of hops, or their addresses and CIDR ranges, separated by commas (10.0.0.0/8,fd00::/8). If one is missing, all clients appear to have its address and share its limits; if there are too many hops, clients can forge theirs.",
    defaultText: '0',
    schema: trustProxy,
    fallback: 0,
  }),
  metricsToken: optional({
    flag: '--metrics-token <token>',
    env: 'FRESHET_METRICS_TOKEN',
    help: 'Token for /metrics and the details of /healthz (Authorization: Bearer …), at least 16 characters. Without the token /healthz then says only whether the server works. Prefer the environment variable: every user of the machine can read arguments.',
    defaultText: 'open, without unlisted streams',
    schema: adminToken,
    fallback: undefined,
  }),
  metricsPort: optional({
    flag: '--metrics-port <[host:]port>',
    env: 'FRESHET_METRICS_PORT',
    help: 'Port of its own for /metrics and the details of /healthz, on 127.0.0.1 or the given host; they are then not open on --port. If --metrics-token is set, it is needed here too.',
    defaultText: 'the same as --port',
    schema: hostAndPort,
    fallback: undefined,
  }),
  drainSeconds: option({
    flag: '--drain-seconds <seconds>',
    env: 'FRESHET_DRAIN_SECONDS',
    help: 'Seconds that running transfers may take to finish after SIGTERM or SIGINT; then they are cut. Keep it below the kill timeout of your service manager.',
    defaultText: '10',
    schema: numberBetween(0, 600),
    fallback: 10,
  }),
  logLevel: option({
    flag: '--log-level <level>',
    env: 'FRESHET_LOG_LEVEL',
    help: 'Lowest severity of the log lines (JSON, on standard error): trace, debug, info, warn, error, fatal or silent.',
    defaultText: 'info',
    schema: oneOf(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']),
    fallback: 'info',
  }),
  logAddresses: option({
    flag: '--log-addresses <detail>',
    env: 'FRESHET_LOG_ADDRESSES',
    help: "How much of viewers' IP addresses log lines contain: full, prefix (the network: IPv4 /24, IPv6 /48) or none. Only lines of level debug and below contain any.",
    defaultText: 'prefix',
    schema: oneOf(['full', 'prefix', 'none']),
    fallback: 'prefix',
  }),
} as const;

export type OptionName = keyof typeof OPTIONS;
type Options = typeof OPTIONS;

/** The server's settings, checked and complete. `undefined` where the default is "none" or is determined elsewhere. */
export type Config = {
  readonly [Name in OptionName]:
    | v.InferOutput<Options[Name]['schema']>
    | (undefined extends Options[Name]['fallback'] ? undefined : never);
};

/** `--port` of `--port <number>`. */
export function flagName(o: Option): string {
  return o.flag.split(' ', 1)[0] ?? o.flag;
}
