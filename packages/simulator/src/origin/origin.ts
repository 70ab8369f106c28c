import { type Millis, pieceSpan } from '@freshet/protocol';
import { EgressGate } from '@freshet/swarm';
import type { VirtualClock } from '../clock/virtual-clock.ts';
import type { Door } from '../network/flow.ts';
import { Line } from '../network/line.ts';
import type { SourceSegment } from '../source/source-segment.ts';
import type { Connections } from './connections.ts';
import { type FetchSink, OriginFetch, type Span } from './origin-fetch.ts';

/** With a longer backlog on its line it does not count as able to serve. */
const BUSY_MS = 300;
/** The operator's egress limit, as a share of the line's rate. */
const LIMIT_SHARE = 0.9;

/**
 * The server's HTTP side: one outgoing line, shared by all its connections, in which all their bytes queue. Counts the
 * segment bytes that leave it.
 */
export class Origin implements Door {
  readonly up: Line;
  readonly down: Line;
  readonly #clock: VirtualClock;
  readonly #fetches = new Set<OriginFetch>();
  readonly #gate: EgressGate;
  isUp = true;
  segmentBytes = 0;
  /** The last time at which it was down, refused a request, or had a backlog above `BUSY_MS`. */
  lastUnfitAt: Millis = Number.NEGATIVE_INFINITY;

  constructor(clock: VirtualClock, capacityMbps: number) {
    this.#clock = clock;
    this.up = new Line(capacityMbps * 1000);
    this.down = new Line(capacityMbps * 1000);
    this.#gate = new EgressGate(capacityMbps * 1e6 * LIMIT_SHARE);
  }

  /** Whether a new viewer may begin to watch. */
  get admitsNewcomer(): boolean {
    return this.#gate.admitsNewcomer(this.#clock.now);
  }

  fetch(
    connections: Connections,
    segment: SourceSegment | undefined,
    span: Span | undefined,
    sink: FetchSink,
  ): OriginFetch {
    const fetch = new OriginFetch(this.#clock, this.isUp ? segment : undefined, span, connections, sink, {
      admits: (wanted) => this.#admits(wanted, span),
      left: (bytes) => {
        this.#left(bytes);
      },
      over: () => {
        this.#fetches.delete(fetch);
      },
    });
    this.#fetches.add(fetch);
    return fetch;
  }

  goDown(): void {
    this.isUp = false;
    this.lastUnfitAt = this.#clock.now;
    for (const fetch of [...this.#fetches]) fetch.end('failed');
  }

  comeUp(): void {
    this.lastUnfitAt = this.#clock.now;
    this.isUp = true;
  }

  #admits({ key, bytes }: SourceSegment, span: Span | undefined): boolean {
    const { start, end } =
      span === undefined ? { start: 0, end: bytes } : pieceSpan(bytes, span.first, span.last);
    const admitted = this.#gate.admits({ segment: key, bytes, start, end }, this.#clock.now);
    if (!admitted) this.lastUnfitAt = this.#clock.now;
    return admitted;
  }

  #left(bytes: number): void {
    this.segmentBytes += bytes;
    if (this.up.backlogMs(this.#clock.now) > BUSY_MS) this.lastUnfitAt = this.#clock.now;
  }
}
