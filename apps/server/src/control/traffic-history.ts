import type { Sample, Span } from '@freshet/api';
import type { Millis, StreamName } from '@freshet/protocol';
import { Ring } from '../util/ring.ts';

/** The time between two samples. */
export const SAMPLE_MS = 5000;
/** A quarter of an hour in steps of 5 s, a day in steps of a minute. */
const FINE = 180;
const COARSE = 1440;
const PER_COARSE = 12;

/** A stream's counters since the start of the server, and its current figures. */
export interface Counts {
  readonly viewers: number;
  /** Bytes of segments, measured as they leave the server. */
  readonly originBytes: number;
  readonly publishedBytes: number;
  /** Self-reported by viewers. */
  readonly peerBytes: number;
  readonly stalls: number;
  readonly startupMs: number | undefined;
  readonly latencyMs: number | undefined;
}

/** `Required`: every figure must be set, if only to undefined, so that none is forgotten. */
type Step = Required<Sample>;

interface Lane {
  readonly fine: Ring<Step>;
  readonly coarse: Ring<Step>;
  last: { readonly at: Millis; readonly counts: Counts } | undefined;
  lastCoarse: { readonly at: Millis; readonly counts: Counts } | undefined;
  steps: number;
}

/** Keeps the last minutes and hours of each stream in memory: at most 1,620 samples per stream. */
export class TrafficHistory {
  readonly #lanes = new Map<StreamName, Lane>();

  /** Call it about every `SAMPLE_MS`. @param at milliseconds since 1970 */
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

  /** @returns the samples of a span, oldest first; none for an unknown stream */
  read(stream: StreamName, span: Span): readonly Step[] {
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
      ...{ fine: new Ring<Step>(FINE), coarse: new Ring<Step>(COARSE) },
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

function between(before: Look, { at, counts }: Look): Step {
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
