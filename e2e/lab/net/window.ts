import type { CallCounters, LineCounters, WayCounters } from './counters.ts';
import { countsSince, least, percentile } from './histogram.ts';

/** Counts of one direction of a home's line between two moments. */
export interface WayWindow extends Omit<WayCounters, 'queue'> {
  /** From a packet's arrival until the modem has sent it, in milliseconds. */
  readonly queueMs: { readonly median: number; readonly p95: number };
}

export interface LineWindow {
  readonly up: WayWindow;
  readonly down: WayWindow;
}

/** The figures of a home's call between two moments. */
export interface CallWindow {
  /** NaN if nothing came back. */
  readonly roundTripMs: { readonly least: number; readonly median: number; readonly p95: number };
  /** Share of packets that were not back after a second. */
  readonly loss: number;
}

export function lineWindow(before: LineCounters, after: LineCounters): LineWindow {
  return { up: wayWindow(before.up, after.up), down: wayWindow(before.down, after.down) };
}

function wayWindow(before: WayCounters, after: WayCounters): WayWindow {
  const queue = countsSince(before.queue, after.queue);
  return {
    packets: after.packets - before.packets,
    bytes: after.bytes - before.bytes,
    media: after.media - before.media,
    dropped: after.dropped - before.dropped,
    lost: after.lost - before.lost,
    late: after.late - before.late,
    queueMs: { median: percentile(queue, 0.5), p95: percentile(queue, 0.95) },
  };
}

export function callWindow(before: CallCounters, after: CallCounters): CallWindow {
  const trips = countsSince(before.roundTrips, after.roundTrips);
  const back = trips.reduce((sum, count) => sum + count, 0);
  const lost = after.lost - before.lost;
  return {
    roundTripMs: { least: least(trips), median: percentile(trips, 0.5), p95: percentile(trips, 0.95) },
    loss: lost / (lost + back),
  };
}
