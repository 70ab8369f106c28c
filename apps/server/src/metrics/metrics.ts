import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { LinksByKind } from '@freshet/api';
import { LINK_KINDS, type Millis, type StreamName } from '@freshet/protocol';
import { EgressMeter } from '@freshet/swarm';
import type { BudgetName } from '../guard/budgets.ts';
import type { Shortage } from '../guard/prefix-share.ts';
import type { SourceState } from '../stream/source-state.ts';
import { StallLedger } from './stall-ledger.ts';
import { TotalsBook } from './stream-totals.ts';

/** What the origin sends: media, playlists (multivariant and media), init segments, piece lists. */
export type OriginKind = 'segment' | 'playlist' | 'init' | 'pieces';

/** Why a request was refused: the egress limit is reached, or the server is shutting down. */
export type RefusedRequest = 'egress-limit' | 'draining' | 'no-token' | 'bad-token' | 'auth-service';

/** The state of one stream at the moment of a scrape. */
export interface StreamFigures {
  readonly stream: StreamName;
  readonly state: SourceState;
  readonly bufferSeconds: number;
  readonly bufferBytes: number;
  readonly bufferBytesLimit: number;
  /** Media that playlists list, in seconds, and whether the limit in bytes cuts it. */
  readonly windowSeconds: number;
  readonly cutByBytes: boolean;
  /** Viewers in the swarm, and their open links (self-reported). */
  readonly viewers: number;
  readonly neighbours: number;
  /** Viewers that met as many new peers as they may for now. */
  readonly spentBudgets: number;
  /** Link ends by network path, two for each link; undefined before the first viewer. */
  readonly links: LinksByKind | undefined;
  /** Whether sharing is off because segments differ from viewer to viewer. */
  readonly perViewer: boolean;
}

/** The fields of CMCD (CTA-5004) that are counted. */
export interface CmcdReport {
  /** The player's buffer ran empty since its last request. */
  readonly starved: boolean;
  /** The player needs the response urgently to start, or to start again. */
  readonly startup: boolean;
  /** Media ahead of the playhead, in milliseconds. */
  readonly bufferMs: number | undefined;
  /** The throughput that the player measured, in kbit/s. */
  readonly throughputKbps: number | undefined;
}

/** Where CMCD came from. */
export interface CmcdSender {
  readonly network: string;
  /** The player's session id; empty: none. */
  readonly session: string;
}

/** Each state has a series that is 0 or 1, so that a change of state adds no series. */
const STATES: readonly SourceState[] = ['starting', 'live', 'stale', 'down', 'ended'];

/**
 * The metrics of one server, in a registry of its own. Labels come from the configuration or from closed lists, never
 * from a viewer, so the number of series is bounded.
 */
export class Metrics {
  readonly registry = new Registry();
  readonly #egress = new EgressMeter();
  readonly #now: () => Millis;
  readonly totals = new TotalsBook();
  readonly #originBytes: Counter<'stream' | 'kind'>;
  readonly #publishedBytes: Counter<'stream'>;
  readonly #publishedSegments: Counter<'stream'>;
  readonly #announcements: Counter<'stream'>;
  readonly #rejectedMessages: Counter<'reason'>;
  readonly #pollutions: Counter<'stream'>;
  readonly #bans: Counter<'stream'>;
  readonly #differences: Counter<'stream'>;
  readonly #sourceFaults: Counter<'stream' | 'reason'>;
  readonly #refusedRequests: Counter<'reason'>;
  readonly #refusedByBudget: Counter<'budget' | 'shortage'>;
  readonly #uploadedBytes: Counter<'stream'>;
  readonly #ffmpegRestarts: Counter<'stream'>;
  readonly #refusedUploads: Counter<'reason'>;
  readonly #refusedLogins: Counter<'reason'>;
  readonly #cmcd: Counter<'stream' | 'what'>;
  readonly #cmcdBuffer: Histogram<'stream'>;
  readonly #cmcdThroughput: Histogram<'stream'>;
  readonly #connect: Histogram<'stream'>;
  readonly #stalls: StallLedger;
  #figures: () => Iterable<StreamFigures> = () => [];

  /** @param now a clock in milliseconds @param processFigures adds Node's own metrics (memory, event loop lag) */
  constructor(now: () => Millis, { processFigures = false } = {}) {
    const registers = [this.registry];
    this.#now = now;
    this.#stalls = new StallLedger(now);
    if (processFigures) collectDefaultMetrics({ register: this.registry });
    this.#originBytes = new Counter({
      name: 'freshet_origin_bytes_total',
      help: "Bytes of response bodies written to viewers' connections.",
      labelNames: ['stream', 'kind'],
      registers,
    });
    this.#publishedBytes = new Counter({
      name: 'freshet_published_bytes_total',
      help: 'Bytes of media segments that entered the buffer. Origin copies = origin bytes of segments / published bytes.',
      labelNames: ['stream'],
      registers,
    });
    this.#publishedSegments = new Counter({
      name: 'freshet_published_segments_total',
      help: 'Media segments that entered the buffer.',
      labelNames: ['stream'],
      registers,
    });
    this.#announcements = new Counter({
      name: 'freshet_announcements_total',
      help: 'Segments that the tracker announced to viewers.',
      labelNames: ['stream'],
      registers,
    });
    this.#rejectedMessages = new Counter({
      name: 'freshet_rejected_messages_total',
      help: "Viewers' messages that the tracker refused, by reason.",
      labelNames: ['reason'],
      registers,
    });
    this.#pollutions = new Counter({
      name: 'freshet_pollution_reports_total',
      help: 'Reports of pieces that did not match their hash (self-reported by the receiver).',
      labelNames: ['stream'],
      registers,
    });
    this.#bans = new Counter({
      name: 'freshet_bans_total',
      help: 'Viewers banned from a swarm after corroborated reports.',
      labelNames: ['stream'],
      registers,
    });
    this.#differences = new Counter({
      name: 'freshet_difference_reports_total',
      help: "Viewers for whom the origin's own bytes did not match the piece lists (self-reported).",
      labelNames: ['stream'],
      registers,
    });
    this.#sourceFaults = new Counter({
      name: 'freshet_source_faults_total',
      help: 'Failed loads of a playlist or a segment from the source, by reason.',
      labelNames: ['stream', 'reason'],
      registers,
    });
    this.#refusedRequests = new Counter({
      name: 'freshet_refused_requests_total',
      help: 'HTTP requests answered 503, by reason.',
      labelNames: ['reason'],
      registers,
    });
    this.#refusedByBudget = new Counter({
      name: 'freshet_refused_by_budget_total',
      help: 'Refusals because an address prefix, or all prefixes together, used up a budget.',
      labelNames: ['budget', 'shortage'],
      registers,
    });
    this.#uploadedBytes = new Counter({
      name: 'freshet_uploaded_bytes_total',
      help: 'Bytes uploaded by encoders and by ffmpeg processes of this server.',
      labelNames: ['stream'],
      registers,
    });
    this.#ffmpegRestarts = new Counter({
      name: 'freshet_ffmpeg_restarts_total',
      help: 'Restarts of ffmpeg for a source. The first start does not count.',
      labelNames: ['stream'],
      registers,
    });
    this.#refusedUploads = new Counter({
      name: 'freshet_refused_uploads_total',
      help: 'Refused uploads, by reason.',
      labelNames: ['reason'],
      registers,
    });
    this.#refusedLogins = new Counter({
      name: 'freshet_refused_logins_total',
      help: 'Refused tokens for the console and its API: wrong, or not looked at after too many attempts.',
      labelNames: ['reason'],
      registers,
    });
    this.#cmcd = new Counter({
      name: 'freshet_cmcd_total',
      help: 'Requests with CMCD, by kind: all, after a stall (one a minute for each session), after a stall and not counted as one, at startup, malformed (self-reported by players).',
      labelNames: ['stream', 'what'],
      registers,
    });
    this.#cmcdBuffer = new Histogram({
      name: 'freshet_cmcd_buffer_seconds',
      help: 'Media ahead of the playhead, from CMCD (self-reported by players).',
      labelNames: ['stream'],
      buckets: [0.5, 1, 2, 4, 8, 16, 32],
      registers,
    });
    this.#cmcdThroughput = new Histogram({
      name: 'freshet_cmcd_throughput_bits_per_second',
      help: 'Throughput that players measured, from CMCD (self-reported by players).',
      labelNames: ['stream'],
      buckets: [0.5e6, 1e6, 2e6, 5e6, 10e6, 20e6, 50e6, 100e6],
      registers,
    });
    this.#connect = new Histogram({
      name: 'freshet_link_connect_seconds',
      help: 'Time from dialling another viewer to an open link (self-reported by the viewer that dialled).',
      labelNames: ['stream'],
      buckets: [0.1, 0.25, 0.5, 1, 2, 3, 5, 10],
      registers,
    });
    new Gauge({
      name: 'freshet_egress_bits_per_second',
      help: 'Media sent, mean of the last two seconds.',
      registers,
      collect: gauge((set) => {
        set({}, this.#egress.bitsPerSecond(now()));
      }),
    });
    this.#streamGauge('freshet_viewers', 'Viewers in the swarm.', (f) => f.viewers);
    this.#streamGauge(
      'freshet_neighbours',
      'Open links: half of the link ends that viewers report (self-reported).',
      (f) => f.neighbours,
    );
    this.#streamGauge(
      'freshet_viewers_not_introduced',
      'Viewers that met as many new peers as they may for now.',
      (f) => f.spentBudgets,
    );
    this.#streamGauge(
      'freshet_sharing_off',
      '1 while sharing is switched off because segments differ from viewer to viewer, else 0.',
      (f) => (f.perViewer ? 1 : 0),
    );
    this.#streamGauge('freshet_buffer_seconds', 'Media in the buffer, in seconds.', (f) => f.bufferSeconds);
    this.#streamGauge('freshet_buffer_bytes', 'Media in the buffer, in bytes.', (f) => f.bufferBytes);
    this.#streamGauge(
      'freshet_buffer_limit_bytes',
      'Upper limit of the media in the buffer, in bytes.',
      (f) => f.bufferBytesLimit,
    );
    this.#streamGauge(
      'freshet_window_seconds',
      'Media that the playlists list: how far viewers can rewind.',
      (f) => f.windowSeconds,
    );
    this.#streamGauge(
      'freshet_window_cut_by_bytes',
      '1 when the limit in bytes evicts the oldest media, else 0.',
      (f) => (f.cutByBytes ? 1 : 0),
    );
    new Gauge({
      name: 'freshet_link_ends',
      help: 'Ends of open links, by network path; every link has two ends (self-reported).',
      labelNames: ['stream', 'kind'],
      registers,
      collect: gauge((set) => {
        for (const { stream, links } of this.#figures())
          for (const kind of LINK_KINDS) set({ stream, kind }, links?.[kind] ?? 0);
      }),
    });
    new Gauge({
      name: 'freshet_source_state',
      help: "1 for the stream's current state, else 0.",
      labelNames: ['stream', 'state'],
      registers,
      collect: gauge((set) => {
        for (const { stream, state } of this.#figures())
          for (const candidate of STATES) set({ stream, state: candidate }, candidate === state ? 1 : 0);
      }),
    });
  }

  /** Sets the function from which a scrape reads the streams' state. */
  setFigures(figures: () => Iterable<StreamFigures>): void {
    this.#figures = figures;
  }

  /** Counts body bytes that were written, including those of cut transfers. Feeds the egress meter as well. */
  countOriginBytes(stream: StreamName, kind: OriginKind, bytes: number): void {
    this.#originBytes.inc({ stream, kind }, bytes);
    if (kind === 'segment') this.totals.add(stream, 'originBytes', bytes);
    this.#egress.add(bytes, this.#now());
  }

  countPublished(stream: StreamName, bytes: number): void {
    this.#publishedSegments.inc({ stream });
    this.#publishedBytes.inc({ stream }, bytes);
    this.totals.add(stream, 'publishedBytes', bytes);
  }

  countAnnouncement(stream: StreamName): void {
    this.#announcements.inc({ stream });
  }

  /** @param reason from the caller's closed list, never a viewer's text */
  countRejectedMessage(reason: string): void {
    this.#rejectedMessages.inc({ reason });
  }

  countPollution(stream: StreamName): void {
    this.#pollutions.inc({ stream });
  }

  countBan(stream: StreamName): void {
    this.#bans.inc({ stream });
  }

  /** @param reason from the source's closed list. */
  countSourceFault(stream: StreamName, reason: string): void {
    this.#sourceFaults.inc({ stream, reason });
  }

  /** Counts the CMCD of one request. Of stalls, only those that the ledger accepts. */
  countCmcd(stream: StreamName, report: CmcdReport | 'malformed', { network, session }: CmcdSender): void {
    if (report === 'malformed') {
      this.#cmcd.inc({ stream, what: 'malformed' });
      return;
    }
    this.#cmcd.inc({ stream, what: 'request' });
    const counts = this.#stalls.counts(network, session, report.starved);
    if (report.starved) this.#cmcd.inc({ stream, what: counts ? 'stall' : 'stall-not-counted' });
    if (report.startup) this.#cmcd.inc({ stream, what: 'startup' });
    if (report.bufferMs !== undefined) this.#cmcdBuffer.observe({ stream }, report.bufferMs / 1000);
    if (report.throughputKbps !== undefined)
      this.#cmcdThroughput.observe({ stream }, report.throughputKbps * 1000);
  }

  countDifference(stream: StreamName): void {
    this.#differences.inc({ stream });
  }

  observeConnect(stream: StreamName, ms: Millis): void {
    this.#connect.observe({ stream }, ms / 1000);
  }

  countUploaded(stream: StreamName, bytes: number): void {
    this.#uploadedBytes.inc({ stream }, bytes);
  }

  countFfmpegRestart(stream: StreamName): void {
    this.#ffmpegRestarts.inc({ stream });
  }

  /** @param reason from the intake's closed list. */
  countRefusedUpload(reason: string): void {
    this.#refusedUploads.inc({ reason });
  }

  countRefusedLogin(reason: 'token' | 'attempts'): void {
    this.#refusedLogins.inc({ reason });
  }

  countRefusedRequest(reason: RefusedRequest): void {
    this.#refusedRequests.inc({ reason });
  }

  /** Counts a refusal by a budget that address prefixes share. */
  countRefusedByBudget(budget: BudgetName, shortage: Shortage): void {
    this.#refusedByBudget.inc({ budget, shortage });
  }

  #streamGauge(name: string, help: string, read: (figures: StreamFigures) => number): void {
    new Gauge({
      name,
      help,
      labelNames: ['stream'],
      registers: [this.registry],
      collect: gauge((set) => {
        for (const figures of this.#figures()) set({ stream: figures.stream }, read(figures));
      }),
    });
  }
}

/** prom-client calls `collect` with the gauge as `this`; here the setter is an argument. Earlier values are dropped. */
function gauge<Label extends string>(
  collect: (set: (labels: Partial<Record<Label, string>>, value: number) => void) => void,
) {
  return function (this: Gauge<Label>): void {
    this.reset();
    collect((labels, value) => {
      this.set(labels, value);
    });
  };
}
