import { type Millis, pieceBytes, pieceCount } from '@freshet/protocol';
import type { PeerEvent } from '@freshet/swarm';
import type { VirtualClock } from '../clock/virtual-clock.ts';
import type { Flow } from '../network/flow.ts';
import { Message } from '../network/message.ts';
import type { SourceSegment } from '../source/source-segment.ts';
import type { Connections } from './connections.ts';

/** A server that is down refuses after this time. */
const REFUSED_MS = 20;
/** The retry delay that a server at its egress limit asks for. */
const RETRY_AFTER_MS = 1000;
/** Bytes of a response's head. */
const HEAD_BYTES = 400;

export interface Span {
  readonly first: number;
  readonly last: number;
}

export interface FetchSink {
  piece(piece: number): void;
  /** Called exactly once. */
  ended(end: Omit<Extract<PeerEvent, { type: 'origin-ended' }>, 'type' | 'fetch'>): void;
}

interface FetchServer {
  /** Called when the request arrives. */
  admits(segment: SourceSegment): boolean;
  /** Called when bytes of a segment leave. */
  left(bytes: number): void;
  over(): void;
}

/** One response: piece after piece on one connection, then exactly one end. */
export class OriginFetch {
  readonly #clock: VirtualClock;
  readonly #first: number;
  readonly #last: number;
  readonly #connections: Connections;
  readonly #sink: FetchSink;
  readonly #server: FetchServer;
  readonly #startedAt: Millis;
  #flow: Flow | undefined;
  #bytes = 0;
  #ttfbMs = 0;
  #over = false;

  constructor(
    clock: VirtualClock,
    segment: SourceSegment | undefined,
    span: Span | undefined,
    connections: Connections,
    sink: FetchSink,
    server: FetchServer,
  ) {
    this.#clock = clock;
    this.#first = span?.first ?? 0;
    this.#last = span?.last ?? (segment === undefined ? 0 : pieceCount(segment.bytes) - 1);
    this.#connections = connections;
    this.#sink = sink;
    this.#server = server;
    this.#startedAt = clock.now;
    if (segment === undefined) {
      clock.after(REFUSED_MS, () => {
        this.end('failed');
      });
      return;
    }
    const { at, flow } = connections.request();
    this.#flow = flow;
    clock.at(at, () => {
      if (this.#over) return;
      if (server.admits(segment)) this.#send(segment, flow);
      else this.#refuse();
    });
  }

  end(outcome: 'ok' | 'failed' | 'aborted', retryAfterMs: Millis = 0): void {
    if (this.#over) return;
    this.#over = true;
    this.#server.over();
    // A response that breaks off closes its connection.
    if (this.#flow !== undefined && (outcome === 'ok' || retryAfterMs > 0))
      this.#connections.done(this.#flow);
    else this.#flow?.close();
    const elapsedMs = this.#clock.now - this.#startedAt;
    this.#sink.ended({ outcome, bytes: this.#bytes, ttfbMs: this.#ttfbMs, elapsedMs, retryAfterMs });
  }

  /** Called when the head of the response has arrived. */
  begun(): void {
    this.#ttfbMs = this.#clock.now - this.#startedAt;
  }

  read(piece: number, bytes: number): void {
    if (this.#over) return;
    this.#bytes += bytes;
    this.#sink.piece(piece);
    if (piece >= this.#last) this.end('ok');
  }

  left(bytes: number): void {
    this.#server.left(bytes);
  }

  #refuse(): void {
    this.#clock.after(this.#connections.roundTripMs / 2, () => {
      this.end('failed', RETRY_AFTER_MS);
    });
  }

  #send(segment: SourceSegment, flow: Flow): void {
    flow.send(new Head(this));
    for (let piece = this.#first; piece <= this.#last; piece++)
      flow.queue(new Stretch(this, piece, pieceBytes(segment.bytes, piece)));
    flow.flush();
  }
}

class Head extends Message {
  readonly #fetch: OriginFetch;

  constructor(fetch: OriginFetch) {
    super(HEAD_BYTES);
    this.#fetch = fetch;
  }

  override arrived(): void {
    this.#fetch.begun();
  }
}

/** A piece of a response's body. */
class Stretch extends Message {
  readonly #fetch: OriginFetch;
  readonly #piece: number;

  constructor(fetch: OriginFetch, piece: number, bytes: number) {
    super(bytes);
    this.#fetch = fetch;
    this.#piece = piece;
  }

  override left(bytes: number): void {
    this.#fetch.left(bytes);
  }

  override arrived(): void {
    this.#fetch.read(this.#piece, this.bytes);
  }
}
