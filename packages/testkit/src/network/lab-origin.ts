import { type Millis, type PeerId, pieceBytes, pieceCount, type SegmentKey } from '@freshet/protocol';
import type { Appointment, SourceSegment, VirtualClock } from '@freshet/simulator';

export interface OriginOptions {
  readonly ttfbMs: Millis;
  /** The rate of one client, which its transfers share. 1 kbit/s is 1/8 byte a millisecond. */
  readonly kbpsPerClient: number;
}

export const NEAR_ORIGIN: OriginOptions = { ttfbMs: 40, kbpsPerClient: 10_000 };

/** How soon a server that is down refuses a connection. */
const REFUSED_MS = 20;

export interface TransferEnd {
  readonly outcome: 'ok' | 'failed' | 'aborted';
  readonly bytes: number;
  readonly ttfbMs: Millis;
  readonly elapsedMs: Millis;
}

export interface TransferSink {
  /** Called when all bytes of a piece have arrived. */
  piece(piece: number): void;
  /** Called exactly once, also after `abort`. */
  ended(end: TransferEnd): void;
}

/** The HTTP side of the server: segments by Range, and playlists. Counts the segment bytes that leave it. */
export class LabOrigin {
  readonly options: OriginOptions;
  readonly #clock: VirtualClock;
  readonly #segments = new Map<SegmentKey, SourceSegment>();
  readonly #transfers = new Set<LabTransfer>();
  #downSince: Millis | undefined;
  /** Outages may overlap: it is up again after the last of them. */
  #outagesNow = 0;
  /** Past outages, oldest first. */
  readonly #outages: { readonly from: Millis; readonly to: Millis }[] = [];
  segmentBytes = 0;

  constructor(clock: VirtualClock, options: OriginOptions) {
    this.#clock = clock;
    this.options = options;
  }

  get isUp(): boolean {
    return this.#downSince === undefined;
  }

  /** Whether it was up at every moment from one time to another. */
  wasUp(from: Millis, to: Millis): boolean {
    if (this.#downSince !== undefined && this.#downSince <= to) return false;
    return !this.#outages.some((outage) => outage.from <= to && outage.to >= from);
  }

  /** Sets the segments that it serves from now on. Requests of other segments fail, as with a 404. */
  serve(window: readonly SourceSegment[]): void {
    this.#segments.clear();
    for (const segment of window) this.#segments.set(segment.key, segment);
  }

  serves(key: SegmentKey): boolean {
    return this.#segments.has(key);
  }

  /** Breaks every transfer and refuses all requests until `up`. */
  down(): void {
    if (this.#outagesNow++ > 0) return;
    this.#downSince = this.#clock.now;
    for (const transfer of [...this.#transfers]) transfer.end('failed');
  }

  up(): void {
    if (--this.#outagesNow > 0 || this.#downSince === undefined) return;
    this.#outages.push({ from: this.#downSince, to: this.#clock.now });
    this.#downSince = undefined;
  }

  /** @param receive the window; undefined when the request failed. */
  playlist(receive: (window: readonly SourceSegment[] | undefined) => void): void {
    this.#clock.after(this.isUp ? this.options.ttfbMs : REFUSED_MS, () => {
      receive(this.isUp ? [...this.#segments.values()] : undefined);
    });
  }

  /** @param span pieces, both inclusive; without it the whole segment. */
  fetch(
    client: PeerId,
    key: SegmentKey,
    span: { readonly first: number; readonly last: number } | undefined,
    sink: TransferSink,
  ): LabTransfer {
    const segment = this.isUp ? this.#segments.get(key) : undefined;
    const transfer: LabTransfer = new LabTransfer(
      this.#clock,
      {
        client,
        segment,
        span: span ?? { first: 0, last: segment === undefined ? 0 : pieceCount(segment.bytes) - 1 },
        ttfbMs: segment === undefined ? REFUSED_MS : this.options.ttfbMs,
        bytesPerMs: () => this.options.kbpsPerClient / 8 / this.#sharing(client),
        count: (bytes) => {
          this.segmentBytes += bytes;
        },
      },
      {
        piece: (piece) => {
          sink.piece(piece);
        },
        ended: (end) => {
          this.#transfers.delete(transfer);
          sink.ended(end);
        },
      },
    );
    this.#transfers.add(transfer);
    return transfer;
  }

  #sharing(client: PeerId): number {
    let count = 0;
    for (const transfer of this.#transfers) if (transfer.client === client) count++;
    return Math.max(1, count);
  }
}

interface TransferPlan {
  readonly client: PeerId;
  /** Undefined: unknown, or the server is down. */
  readonly segment: SourceSegment | undefined;
  readonly span: { readonly first: number; readonly last: number };
  readonly ttfbMs: Millis;
  /** This transfer's share of the client's line, computed for every piece. */
  readonly bytesPerMs: () => number;
  readonly count: (bytes: number) => void;
}

/** One response: piece after piece, then exactly one end. */
export class LabTransfer {
  readonly #clock: VirtualClock;
  readonly #plan: TransferPlan;
  readonly #sink: TransferSink;
  readonly #startedAt: Millis;
  #next: Appointment;
  #bytes = 0;
  #underWay = { since: 0, bytesPerMs: 0, bytes: 0 };
  #ended = false;

  constructor(clock: VirtualClock, plan: TransferPlan, sink: TransferSink) {
    this.#clock = clock;
    this.#plan = plan;
    this.#sink = sink;
    this.#startedAt = clock.now;
    this.#next = clock.after(plan.ttfbMs, () => {
      if (plan.segment === undefined) this.end('failed');
      else this.#send(plan.span.first);
    });
  }

  get client(): PeerId {
    return this.#plan.client;
  }

  /**
   * The client aborts the transfer. Bytes that were written until now count. The end follows as an event of its own.
   */
  abort(): void {
    this.#next.cancel();
    this.#next = this.#clock.after(0, () => {
      this.end('aborted');
    });
  }

  end(outcome: TransferEnd['outcome']): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#next.cancel();
    if (outcome !== 'ok') {
      const { since, bytesPerMs, bytes } = this.#underWay;
      const written = Math.min(bytes, (this.#clock.now - since) * bytesPerMs);
      this.#bytes += written;
      this.#plan.count(written);
    }
    this.#sink.ended({
      outcome,
      bytes: Math.round(this.#bytes),
      ttfbMs: this.#plan.ttfbMs,
      elapsedMs: this.#clock.now - this.#startedAt,
    });
  }

  #send(piece: number): void {
    const { segment, span, count } = this.#plan;
    if (segment === undefined || piece > span.last) {
      this.end('ok');
      return;
    }
    const bytes = pieceBytes(segment.bytes, piece);
    const bytesPerMs = this.#plan.bytesPerMs();
    this.#underWay = { since: this.#clock.now, bytesPerMs, bytes };
    this.#next = this.#clock.after(bytes / bytesPerMs, () => {
      this.#underWay = { since: 0, bytesPerMs: 0, bytes: 0 };
      this.#bytes += bytes;
      count(bytes);
      this.#sink.piece(piece);
      if (!this.#ended) this.#send(piece + 1);
    });
  }
}
