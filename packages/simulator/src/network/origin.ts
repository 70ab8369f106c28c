import { type Millis, pieceBytes, pieceCount, pieceSpan } from '@freshet/protocol';
import { EgressGate, type PeerEvent } from '@freshet/swarm';
import type { VirtualClock } from '../clock/virtual-clock.ts';
import type { SourceSegment } from '../source/source-segment.ts';
import { Line } from './line.ts';

/** A server that is down refuses after this time. */
const REFUSED_MS = 20;
/** A server that sends as much as it may says to come again after this time. */
const RETRY_AFTER_MS = 1000;
/** With more than this waiting on its line it does not count as able to serve. */
const BUSY_MS = 300;
/** What its operator lets it send, of what its line carries. */
const LIMIT_SHARE = 0.9;
/** Pieces of one response under way: a far client is not slowed by its distance, nor holds a slow one the line. */
const UNDER_WAY = 4;

export interface OriginClient {
  readonly downlink: Line;
  readonly originRoundTripMs: Millis;
}

interface Span {
  readonly first: number;
  readonly last: number;
}

export interface FetchSink {
  piece(piece: number): void;
  /** Exactly once. */
  ended(end: Omit<Extract<PeerEvent, { type: 'origin-ended' }>, 'type' | 'fetch'>): void;
}

/** The server's HTTP side: one outgoing line, shared piece by piece. Counts the segment bytes that leave it. */
export class Origin {
  readonly #clock: VirtualClock;
  readonly #line: Line;
  readonly #fetches = new Set<OriginFetch>();
  readonly #gate: EgressGate;
  isUp = true;
  segmentBytes = 0;
  /** When it last refused, or had more to send than it could in `BUSY_MS`. */
  lastUnfitAt: Millis = Number.NEGATIVE_INFINITY;

  constructor(clock: VirtualClock, capacityMbps: number) {
    this.#clock = clock;
    this.#line = new Line(capacityMbps * 1000);
    this.#gate = new EgressGate(capacityMbps * 1e6 * LIMIT_SHARE);
  }

  /** Whether it lets somebody begin to watch. */
  get admitsNewcomer(): boolean {
    return this.#gate.admitsNewcomer(this.#clock.now);
  }

  fetch(
    client: OriginClient,
    segment: SourceSegment | undefined,
    span: Span | undefined,
    sink: FetchSink,
  ): OriginFetch {
    const fetch = new OriginFetch(this.#clock, this.isUp ? segment : undefined, span, client, sink, {
      admits: (wanted) => this.#admits(wanted, span),
      put: (bytes, at) => this.#put(bytes, at),
      over: () => {
        this.#fetches.delete(fetch);
      },
    });
    this.#fetches.add(fetch);
    return fetch;
  }

  down(): void {
    this.isUp = false;
    this.lastUnfitAt = this.#clock.now;
    for (const fetch of [...this.#fetches]) fetch.end('failed');
  }

  up(): void {
    this.lastUnfitAt = this.#clock.now;
    this.isUp = true;
  }

  #admits({ key, bytes }: SourceSegment, span: Span | undefined): boolean {
    const { start, end } =
      span === undefined ? { start: 0, end: bytes } : pieceSpan(bytes, span.first, span.last);
    const admitted = this.#gate.admits(key, bytes, start, end, this.#clock.now);
    if (!admitted) this.lastUnfitAt = this.#clock.now;
    return admitted;
  }

  #put(bytes: number, at: Millis): Millis {
    this.segmentBytes += bytes;
    const leaves = this.#line.put(bytes, at);
    if (leaves - this.#clock.now > BUSY_MS) this.lastUnfitAt = this.#clock.now;
    return leaves;
  }
}

interface FetchServer {
  /** Asked when the request is there. */
  admits(segment: SourceSegment): boolean;
  put(bytes: number, at: Millis): Millis;
  over(): void;
}

/** One response on its way: a piece at a time, then exactly one end. */
export class OriginFetch {
  readonly #clock: VirtualClock;
  readonly #last: number;
  readonly #client: OriginClient;
  readonly #sink: FetchSink;
  readonly #server: FetchServer;
  readonly #startedAt: Millis;
  /** The first piece that is not sent yet, and the first that has not arrived. */
  #unsent: number;
  #unread: number;
  #bytes = 0;
  #ttfbMs = 0;
  #over = false;

  constructor(
    clock: VirtualClock,
    segment: SourceSegment | undefined,
    span: Span | undefined,
    client: OriginClient,
    sink: FetchSink,
    server: FetchServer,
  ) {
    this.#clock = clock;
    this.#last = span?.last ?? (segment === undefined ? 0 : pieceCount(segment.bytes) - 1);
    this.#client = client;
    this.#sink = sink;
    this.#server = server;
    this.#startedAt = clock.now;
    // The request's way there; the answer's way back is part of each piece's arrival.
    const there = segment === undefined ? REFUSED_MS : client.originRoundTripMs / 2;
    this.#unsent = this.#unread = span?.first ?? 0;
    clock.after(there, () => {
      if (segment === undefined) this.end('failed');
      else if (!server.admits(segment)) this.#refuse();
      else this.#send(segment);
    });
  }

  end(outcome: 'ok' | 'failed' | 'aborted', retryAfterMs: Millis = 0): void {
    if (this.#over) return;
    this.#over = true;
    this.#server.over();
    const elapsedMs = this.#clock.now - this.#startedAt;
    this.#sink.ended({ outcome, bytes: this.#bytes, ttfbMs: this.#ttfbMs, elapsedMs, retryAfterMs });
  }

  #refuse(): void {
    this.#clock.after(this.#client.originRoundTripMs / 2, () => {
      this.end('failed', RETRY_AFTER_MS);
    });
  }

  #send(segment: SourceSegment): void {
    while (!this.#over && this.#unsent <= this.#last && this.#unsent < this.#unread + UNDER_WAY) {
      const bytes = pieceBytes(segment.bytes, this.#unsent++);
      const here = this.#server.put(bytes, this.#clock.now) + this.#client.originRoundTripMs / 2;
      if (this.#ttfbMs === 0) this.#ttfbMs = here - this.#startedAt;
      this.#clock.at(here, () => {
        if (this.#over) return;
        this.#clock.at(this.#client.downlink.put(bytes, here), () => {
          if (!this.#over) this.#read(segment, bytes);
        });
      });
    }
  }

  #read(segment: SourceSegment, bytes: number): void {
    const piece = this.#unread++;
    this.#bytes += bytes;
    this.#sink.piece(piece);
    if (piece >= this.#last) this.end('ok');
    else this.#send(segment);
  }
}
