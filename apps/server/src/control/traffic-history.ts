import type { Millis, StreamName } from '@freshet/protocol';
import { Ring } from '../util/ring.ts';

/** How often it is looked. */
export const SAMPLE_MS = 5000;
/** A quarter of an hour in steps of 5 s, a day in steps of a minute. */
const FINE = 180;
const COARSE = 1440;
const PER_COARSE = 12;

/** Counters since the start of the server, and what holds at the moment. */
export interface Counts {
  readonly viewers: number;
  /** Segments, counted where they leave the server. */
  readonly originBytes: number;
  readonly publishedBytes: number;
  /** By the viewers' word. */
  readonly peerBytes: number;
  readonly stalls: number;
  readonly startupMs: number | undefined;
  readonly latencyMs: number | undefined;
}

/** The mean of a step. */
export interface Sample {
  /** Milliseconds since 1970 at its end. */
  readonly at: Millis;
  readonly viewers: number;
  readonly originKbps: number;
  /** By the viewers' word. */
  readonly peerKbps: number;
  /** Origin bytes over bytes published; undefined when nothing was published. */
  readonly copies: number | undefined;
  readonly stalls: number;
  readonly startupMs: number | undefined;
  readonly latencyMs: number | undefined;
}

interface Lane {
  readonly fine: Ring<Sample>;
  readonly coarse: Ring<Sample>;
  last: { readonly at: Millis; readonly counts: Counts } | undefined;
  lastCoarse: { readonly at: Millis; readonly counts: Counts } | undefined;
  steps: number;
}

/** Each stream's last minutes and hours. In memory: 1,620 samples a stream at most. */
export class TrafficHistory {
  readonly #lanes = new Map<StreamName, Lane>();

  /** To be called about every `SAMPLE_MS`. @param at milliseconds since 1970 */
  sample(stream: StreamName, counts: Counts, at: Millis): void {
    const lane = this.#lane(stream);
    const now = { at, counts };
    if (lane.last !== undefined) lane.fine.push(between(lane.last, now));
    lane.last = now;
    lane.lastCoarse ??= now;
    if (++lane.steps <= PER_COARSE) return;
    lane.coarse.push(between(lane.lastCoarse, now));
    lane.lastCoarse = now;
    lane.steps = 1;
  }

  /** Oldest first. */
  read(stream: StreamName, span: 'minutes' | 'hours'): readonly Sample[] {
    const lane = this.#lanes.get(stream);
    return (span === 'minutes' ? lane?.fine : lane?.coarse)?.all() ?? [];
  }

  forget(stream: StreamName): void {
    this.#lanes.delete(stream);
  }

  #lane(stream: StreamName): Lane {
    const existing = this.#lanes.get(stream);
    if (existing !== undefined) return existing;
    const lane: Lane = {
      ...{ fine: new Ring<Sample>(FINE), coarse: new Ring<Sample>(COARSE) },
      ...{ last: undefined, lastCoarse: undefined, steps: 0 },
    };
    this.#lanes.set(stream, lane);
    return lane;
  }
}

interface Look {
  readonly at: Millis;
  readonly counts: Counts;
}

function between(before: Look, { at, counts }: Look): Sample {
  const ms = Math.max(1, at - before.at);
  const grown = (what: 'originBytes' | 'publishedBytes' | 'peerBytes' | 'stalls') =>
    Math.max(0, counts[what] - before.counts[what]);
  const published = grown('publishedBytes');
  return {
    at,
    viewers: counts.viewers,
    originKbps: Math.round((grown('originBytes') * 8) / ms),
    peerKbps: Math.round((grown('peerBytes') * 8) / ms),
    copies: published === 0 ? undefined : Math.round((grown('originBytes') / published) * 100) / 100,
    stalls: grown('stalls'),
    startupMs: counts.startupMs,
    latencyMs: counts.latencyMs,
  };
}
