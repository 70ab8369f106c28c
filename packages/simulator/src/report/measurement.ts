import type { SimNetwork } from '../network/sim-network.ts';
import type { Origin } from '../origin/origin.ts';
import type { Programme } from '../source/programme.ts';
import type { SimViewer } from '../world/sim-viewer.ts';
import type { Breaches } from '../world/viewer-check.ts';

export interface Second {
  readonly s: number;
  readonly offload: number;
  readonly originMbps: number;
  /** The rate at which players loaded segments. Without the swarm the origin would have sent all of it. */
  readonly takenMbps: number;
  readonly stalled: number;
  readonly latencyMs: number;
}

export interface Figures {
  readonly joined: number;
  readonly offload: number;
  readonly steadyOffload: number;
  /** Origin bytes / bytes published, over the run and over its steady phase. */
  readonly originCopies: number;
  readonly steadyCopies: number;
  readonly stalledViewers: number;
  readonly stallSeconds: number;
  readonly latencyMs: { readonly median: number; readonly p95: number };
  readonly startupMs: { readonly median: number; readonly p95: number };
  /** The time between the creation and the display of a picture. */
  readonly behindMs: number;
  /** The share of the payload of pieces put on viewers' lines that did not become a piece that the receiver needed. */
  readonly waste: number;
  /**
   * The 95th percentile of the waits of packets on the uplink where it is highest; undefined if waits are not recorded.
   */
  readonly worstQueueMs: number | undefined;
  readonly relayedBytes: number;
  readonly breaches: number;
  readonly firstBreaches: readonly string[];
  /** Stalls while the origin could serve the viewer. */
  readonly avoidableStalls: number;
  readonly firstAvoidableStalls: readonly string[];
  readonly seconds: readonly Second[];
}

interface Totals {
  readonly origin: number;
  readonly buffered: number;
  readonly published: number;
}

interface Measured {
  readonly network: SimNetwork;
  readonly origin: Origin;
  readonly programme: Programme;
  readonly viewers: readonly SimViewer[];
}

/** Measures a run from outside, once a second. */
export class Measurement {
  readonly #of: Measured;
  readonly #seconds: Second[] = [];
  readonly #latencies: number[] = [];
  readonly #behind: number[] = [];
  #last: Totals = { origin: 0, buffered: 0, published: 0 };
  #steady: Totals | undefined;

  constructor(of: Measured) {
    this.#of = of;
  }

  /** Only the first call counts. */
  steadyBegins(): void {
    this.#steady ??= this.#totals();
  }

  /** @returns the figures of this second */
  second(s: number): Second {
    const totals = this.#totals();
    const latencies: number[] = [];
    let stalled = 0;
    for (const { player, isGone } of this.#of.viewers) {
      if (isGone || player.startedAt === undefined) continue;
      if (!player.isPlaying) stalled++;
      if (player.latencyMs !== undefined) latencies.push(player.latencyMs);
      this.#behind.push(s * 1000 - player.position);
    }
    const originBytes = totals.origin - this.#last.origin;
    const second: Second = {
      s,
      offload: ratio(1, totals, this.#last),
      originMbps: (originBytes * 8) / 1e6,
      takenMbps: ((totals.buffered - this.#last.buffered) * 8) / 1e6,
      stalled,
      latencyMs: quantile(latencies, 0.5),
    };
    this.#seconds.push(second);
    for (const latency of latencies) this.#latencies.push(latency);
    this.#last = totals;
    return second;
  }

  figures(breaches: Breaches, avoidable: Breaches): Figures {
    const { viewers } = this.#of;
    const start: Totals = { origin: 0, buffered: 0, published: 0 };
    const steady = this.#steady ?? start;
    const end = this.#totals();
    const sum = (of: (viewer: SimViewer) => number) => viewers.reduce((total, v) => total + of(v), 0);
    const uploaded = sum((v) => v.uploadedBytes);
    const queues = viewers.flatMap(({ home }) => home.upQueue?.quantile(0.95) ?? []);
    const startups = viewers.flatMap(({ player, joinedAt }) =>
      player.startedAt === undefined ? [] : [player.startedAt - joinedAt],
    );
    return {
      joined: viewers.length,
      offload: ratio(1, end, start),
      steadyOffload: ratio(1, end, steady),
      originCopies: (end.origin - start.origin) / end.published,
      steadyCopies: (end.origin - steady.origin) / (end.published - steady.published),
      stalledViewers: viewers.filter(({ player }) => player.stalls > 0).length,
      stallSeconds: sum(({ player }) => player.stalledMs) / 1000,
      latencyMs: { median: quantile(this.#latencies, 0.5), p95: quantile(this.#latencies, 0.95) },
      startupMs: { median: quantile(startups, 0.5), p95: quantile(startups, 0.95) },
      behindMs: quantile(this.#behind, 0.5),
      waste: uploaded === 0 ? 0 : Math.max(0, 1 - sum((v) => v.peerBytes) / uploaded),
      worstQueueMs: queues.length === 0 ? undefined : Math.max(...queues),
      relayedBytes: this.#of.network.relayed.bytes,
      breaches: breaches.count,
      firstBreaches: breaches.lines,
      avoidableStalls: avoidable.count,
      firstAvoidableStalls: avoidable.lines,
      seconds: this.#seconds,
    };
  }

  #totals(): Totals {
    const { origin, programme, viewers } = this.#of;
    let buffered = 0;
    for (const { player } of viewers) buffered += player.bufferedBytes;
    return { origin: origin.segmentBytes, buffered, published: programme.publishedBytes };
  }
}

/** 1 - origin bytes / buffered bytes between two times; 0 if nothing was buffered. */
function ratio(whole: number, end: Totals, start: Totals): number {
  const buffered = end.buffered - start.buffered;
  return buffered === 0 ? 0 : whole - (end.origin - start.origin) / buffered;
}

function quantile(values: readonly number[], q: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0;
}
