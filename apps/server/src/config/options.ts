import * as v from 'valibot';
import { DEFAULT_POLICY, LIMITS } from '@freshet/protocol';
import {
  adminToken,
  basePath,
  iceServers,
  ingestKeys,
  numberBetween,
  oneOf,
  publicUrl,
  sources,
  text,
  transcode,
} from './values.ts';

/**
 * Every option of the server, once: the command line, the environment, the config file, `--help` and the table in
 * docs/server.md are all made from this. The key is the name in the config file and in `Config`.
 */
export interface Option<
  S extends v.GenericSchema = v.GenericSchema,
  F extends v.InferOutput<S> | undefined = v.InferOutput<S> | undefined,
> {
  /** As commander writes it. */
  readonly flag: string;
  readonly env: string;
  /** What it does, its unit, and what breaks when it is too low or too high. */
  readonly help: string;
  /** The default in words where the value says too little. */
  readonly defaultText: string;
  /** May be given several times; in the environment separated by spaces. */
  readonly many?: true;
  readonly schema: S;
  readonly fallback: F;
}

/** One that always has a value. */
function option<S extends v.GenericSchema>(o: Option<S, v.InferOutput<S>>): Option<S, v.InferOutput<S>> {
  return o;
}

/** One whose absence means something. */
function optional<S extends v.GenericSchema>(o: Option<S, undefined>): Option<S, undefined> {
  return o;
}

export const OPTIONS = {
  sources: option({
    flag: '--source <name=url>',
    env: 'FRESHET_SOURCE',
    help: 'A live stream to relay: the name viewers see, and where it comes from. HLS over http(s) needs nothing else. Read through ffmpeg: rtmp(s)://, rtsp(s)://, srt://, udp://, MPEG-TS and radio over http(s)://, and file:PATH, played over and over. docs/sources.md has an example of each. Repeatable. Without any, the built-in stream named demo is shown.',
    defaultText: 'the demo stream',
    many: true,
    schema: sources,
    fallback: [],
  }),
  ingestKeys: option({
    flag: '--ingest-key <name=key>',
    env: 'FRESHET_INGEST_KEY',
    help: 'A stream that an encoder pushes: the name viewers see, and the key with which HLS is uploaded (HTTP PUT or POST) to /ingest/<name>/<key>/index.m3u8, for example by ffmpeg or OBS. At least 12 characters; who has it can put a programme on the air. Repeatable.',
    defaultText: 'nobody can push',
    many: true,
    schema: ingestKeys,
    fallback: [],
  }),
  transcode: option({
    flag: '--transcode <name=sizes>',
    env: 'FRESHET_TRANSCODE',
    help: 'Make renditions of a source that ffmpeg reads, beside the one that it sends, for viewers on thin connections: live=720p,480p of 1080p, 720p, 480p, 360p and 240p. Sizes above the source’s are left out. Each costs about a processor core at 720p. Repeatable, once a source.',
    defaultText: "only the source's own",
    many: true,
    schema: transcode,
    fallback: [],
  }),
  ffmpeg: option({
    flag: '--ffmpeg <program>',
    env: 'FRESHET_FFMPEG',
    help: 'The ffmpeg that reads sources other than HLS: its name on the PATH, or its path. Looked up when such a source starts.',
    defaultText: 'ffmpeg',
    schema: text,
    fallback: 'ffmpeg',
  }),
  chromium: optional({
    flag: '--chromium <program>',
    env: 'FRESHET_CHROMIUM',
    help: 'The Chromium or Chrome that the console’s rehearsals open headless viewers in: its name on the PATH, or its path. It keeps its sandbox, and therefore refuses to run as root: run the server as another user, or name a script that starts it with --no-sandbox.',
    defaultText: 'chromium or google-chrome, where one is found',
    schema: text,
    fallback: undefined,
  }),
  host: optional({
    flag: '--host <address>',
    env: 'FRESHET_HOST',
    help: 'The address to listen on. The default is every interface, because viewers are elsewhere; 127.0.0.1 keeps it on this machine (behind a proxy, for a trial).',
    defaultText: 'all interfaces',
    schema: text,
    fallback: undefined,
  }),
  port: option({
    flag: '--port <number>',
    env: 'FRESHET_PORT',
    help: 'The TCP port to listen on. 0 takes a free one and prints it.',
    defaultText: '8080',
    schema: numberBetween(0, 65535),
    fallback: 8080,
  }),
  bufferSeconds: option({
    flag: '--buffer-seconds <seconds>',
    env: 'FRESHET_BUFFER_SECONDS',
    help: "Seconds of each stream kept in memory. Below the source's own playlist window (often 10 to 30 s) viewers find gaps; more costs memory only.",
    defaultText: '60',
    schema: numberBetween(4, 3600),
    fallback: 60,
  }),
  bufferMb: option({
    flag: '--buffer-mb <megabytes>',
    env: 'FRESHET_BUFFER_MB',
    help: 'Megabytes of memory for each stream; at this bound the oldest segments go, however few seconds are left. Too low shortens the buffer; the sum over all streams must fit the machine.',
    defaultText: '512',
    schema: numberBetween(8, 1_048_576),
    fallback: 512,
  }),
  dvrHours: option({
    flag: '--dvr-hours <hours>',
    env: 'FRESHET_DVR_HOURS',
    help: "How far back viewers can rewind, in hours (0.5 is half an hour), as far as --buffer-mb holds that much: an hour of 4 Mbit/s is 1800 MB. /healthz and /metrics say how far it is, and which of the two bounds ends it. A long window makes each playlist long. 0: the source's own window.",
    defaultText: "0, the source's own window",
    schema: numberBetween(0, 168, false),
    fallback: 0,
  }),
  stateFile: optional({
    flag: '--state-file <file>',
    env: 'FRESHET_STATE_FILE',
    help: 'A JSON file in which the streams’ numbering is kept over restarts of this server: without it, viewers see numbers go back when the encoder restarted as well. Its folder must be there and writable.',
    defaultText: 'nothing is written to disk',
    schema: text,
    fallback: undefined,
  }),
  dataDir: optional({
    flag: '--data-dir <folder>',
    env: 'FRESHET_DATA_DIR',
    help: 'A folder for what the console keeps over restarts: the streams that were added there with their addresses, their sharing rules, prices, and the hash of the console’s token. It is made when it is missing. Without it all of that is gone with the process, and each start makes a new token.',
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
    help: 'What opens the console, at least 16 characters. Prefer the environment: arguments can be read by every user of the machine.',
    defaultText: 'one is made at the first start and printed once',
    schema: adminToken,
    fallback: undefined,
  }),
  lowLatency: option({
    flag: '--low-latency <mode>',
    env: 'FRESHET_LOW_LATENCY',
    help: 'Take over the parts of a source of low latency (LL-HLS), make parts of a picture that ffmpeg reads and of what an encoder uploads while it makes it, and offer them to players: on or off. Viewers then play seconds nearer to the live edge, and give one another the parts as they come.',
    defaultText: 'off',
    schema: oneOf(['on', 'off']),
    fallback: 'off',
  }),
  consent: option({
    flag: '--consent <mode>',
    env: 'FRESHET_CONSENT',
    help: 'What viewers are asked before their browser gives anything to others, in our player: notice (they are told, and can switch it off), ask (nothing is given before they say yes), off (nothing until they switch it on). What they choose is remembered. Pages with a player of their own ask by themselves.',
    defaultText: 'notice',
    schema: oneOf(['notice', 'ask', 'off']),
    fallback: 'notice',
  }),
  fallback: option({
    flag: '--fallback <where>',
    env: 'FRESHET_FALLBACK',
    help: "Where viewers fetch segments that no neighbour has. server: here. cdn: at the addresses that the source's playlists give, so that only playlists, init segments and announcements come from here; this server still reads each segment once. The CDN must allow other sites' pages (CORS), and the addresses are shown to viewers, queries included: give this server a source without a token of its own. Byte ranges of a file are served from here all the same.",
    defaultText: 'server',
    schema: oneOf(['server', 'cdn']),
    fallback: 'server',
  }),
  iceServers: option({
    flag: '--ice-server <url>',
    env: 'FRESHET_ICE_SERVER',
    help: 'stun:host:3478 or turn:user:password@host:3478?transport=udp, handed to viewers. Repeatable, at most 8. Without any, only viewers of one network share; TURN traffic costs what serving it yourself costs.',
    defaultText: 'none',
    many: true,
    schema: iceServers,
    fallback: [],
  }),
  p2p: option({
    flag: '--p2p <mode>',
    env: 'FRESHET_P2P',
    help: "full: viewers link directly. relay-only: through your TURN server, so that viewers do not learn one another's addresses (needs --ice-server turn:…). off: plain HLS from this server.",
    defaultText: DEFAULT_POLICY.mode,
    schema: oneOf(['full', 'relay-only', 'off']),
    fallback: DEFAULT_POLICY.mode,
  }),
  maxNeighbours: option({
    flag: '--max-neighbours <count>',
    env: 'FRESHET_MAX_NEIGHBOURS',
    help: 'Links one viewer keeps open. Fewer than 4 spread slowly and suffer when one leaves; many cost each page memory and control traffic.',
    defaultText: String(DEFAULT_POLICY.maxNeighbours),
    schema: numberBetween(0, LIMITS.neighbours),
    fallback: DEFAULT_POLICY.maxNeighbours,
  }),
  uploadLimitKbps: optional({
    flag: '--upload-limit-kbps <kbit/s>',
    env: 'FRESHET_UPLOAD_LIMIT_KBPS',
    help: "The most one viewer may give, in kbit/s; a viewer can only be stricter. Under the stream's bitrate the origin serves more; 0 stops all giving.",
    defaultText: "twice the stream's bitrate, or half of the viewer's measured uplink if that is less",
    schema: numberBetween(0, 1_000_000),
    fallback: undefined,
  }),
  uploadBudgetMb: option({
    flag: '--upload-budget-mb <megabytes>',
    env: 'FRESHET_UPLOAD_BUDGET_MB',
    help: 'Megabytes one viewer gives in a session, then it only takes. Too low and long-time viewers, the best givers, drop out.',
    defaultText: String(DEFAULT_POLICY.uploadBudgetMb),
    schema: numberBetween(0, 1_000_000),
    fallback: DEFAULT_POLICY.uploadBudgetMb,
  }),
  maxViewers: option({
    flag: '--max-viewers <count>',
    env: 'FRESHET_MAX_VIEWERS',
    help: 'Viewers in all swarms together. One more is refused by the tracker and plays plain HLS from this server; bound that traffic with --egress-limit-mbps.',
    defaultText: '10000',
    schema: numberBetween(1, 1_000_000),
    fallback: 10_000,
  }),
  egressLimitMbps: optional({
    flag: '--egress-limit-mbps <Mbit/s>',
    env: 'FRESHET_EGRESS_LIMIT_MBPS',
    help: 'Media sent by this server, in Mbit/s, averaged over 2 s. From three fifths of it on new viewers, above it requests for segments are answered 503 with Retry-After; the first four copies of each segment always pass, and those who watch go on from their neighbours. Set it a little under what the line carries: without it a crowd that is too large for the line brings everybody down. Under a few times the bitrate nobody can start.',
    defaultText: 'no limit',
    schema: numberBetween(0.1, 1_000_000, false),
    fallback: undefined,
  }),
  tlsCert: optional({
    flag: '--tls-cert <file>',
    env: 'FRESHET_TLS_CERT',
    help: 'PEM file with the certificate chain: serves https. Goes with --tls-key. Pages on https can only embed a server on https.',
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
    help: "This server's address as viewers see it, with the path under which a proxy shows it. Used for the addresses and the embed line printed at start; a wrong one misleads the reader only.",
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
    flag: '--trust-proxy <hops>',
    env: 'FRESHET_TRUST_PROXY',
    help: "Reverse proxies in front: that many X-Forwarded-For entries are believed, for the viewer's address in the log. Too low and the log shows the proxy's; too high and a viewer can forge its own.",
    defaultText: '0',
    schema: numberBetween(0, 10),
    fallback: 0,
  }),
  drainSeconds: option({
    flag: '--drain-seconds <seconds>',
    env: 'FRESHET_DRAIN_SECONDS',
    help: 'After SIGTERM or SIGINT, seconds that transfers under way may take to finish; then they are cut. Keep it under the kill time-out of your service manager.',
    defaultText: '10',
    schema: numberBetween(0, 600),
    fallback: 10,
  }),
  logLevel: option({
    flag: '--log-level <level>',
    env: 'FRESHET_LOG_LEVEL',
    help: 'The least severe log line that is written (JSON, on standard error): trace, debug, info, warn, error, fatal or silent.',
    defaultText: 'info',
    schema: oneOf(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']),
    fallback: 'info',
  }),
} as const;

export type OptionName = keyof typeof OPTIONS;
type Options = typeof OPTIONS;

/** The server's settings, checked and complete. `undefined` where the default is "none" or made elsewhere. */
export type Config = {
  readonly [Name in OptionName]:
    | v.InferOutput<Options[Name]['schema']>
    | (undefined extends Options[Name]['fallback'] ? undefined : never);
};

/** `--port` of `--port <number>`. */
export function flagName(o: Option): string {
  return o.flag.split(' ', 1)[0] ?? o.flag;
}
