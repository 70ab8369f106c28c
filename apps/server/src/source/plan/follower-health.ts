import type { Millis } from '@freshet/protocol';
import type { SourceState } from '../../stream/source-state.ts';

/** State of one rendition's source. `out`: it does not respond, or delivers nothing new. */
export type FollowerHealth =
  { readonly kind: 'starting' | 'live' | 'ended' } | { readonly kind: 'out'; readonly reason: string };

/** What `followerHealth` needs to know of one rendition. */
export interface FollowerFacts {
  readonly now: Millis;
  readonly startedAt: Millis;
  /** When its newest segment was published. */
  readonly publishedAt: Millis | undefined;
  /** Playlist loads that failed in a row. */
  readonly failures: number;
  readonly lastFault: string | undefined;
  readonly targetDurationMs: Millis;
  /** The source's playlist has ended, and all that it listed is published. */
  readonly ended: boolean;
}

/** A rendition that published nothing by then counts as out, so that players do not wait for it. */
const START_MS = 8000;
/** No new segment for this long is an outage, even if the playlist still loads. */
const SILENT_MIN_MS = 6000;
const SILENT_TARGETS = 3;

export function followerHealth(facts: FollowerFacts): FollowerHealth {
  const { now, startedAt, publishedAt, failures, lastFault, targetDurationMs, ended } = facts;
  // A source that disappears after its end stays ended.
  if (ended) return { kind: 'ended' };
  const reason = lastFault ?? 'its playlist has stopped changing';
  // A single failed load is no outage: servers close connections.
  if (failures >= 2 || (failures > 0 && publishedAt === undefined)) return { kind: 'out', reason };
  if (publishedAt === undefined)
    return now - startedAt > START_MS ? { kind: 'out', reason } : { kind: 'starting' };
  const silentMs = Math.max(SILENT_MIN_MS, SILENT_TARGETS * targetDurationMs);
  return now - publishedAt > silentMs ? { kind: 'out', reason } : { kind: 'live' };
}

/**
 * The stream's state, derived from its renditions: one that works is enough.
 * @param hasMedia whether the buffer holds any. @param outForMs how long none has worked. @param bufferMs what it can
 * hold
 */
export function streamState(
  healths: readonly FollowerHealth[],
  hasMedia: boolean,
  outForMs: Millis,
  bufferMs: Millis,
): SourceState {
  const has = (kind: FollowerHealth['kind']) => healths.some((health) => health.kind === kind);
  if (has('live')) return 'live';
  if (has('ended') && !has('starting')) return 'ended';
  if (hasMedia) return outForMs > bufferMs ? 'down' : 'stale';
  return has('starting') ? 'starting' : 'down';
}
