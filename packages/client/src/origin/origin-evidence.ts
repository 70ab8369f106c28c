import type { Millis } from '@freshet/protocol';

/** What the origin showed while it brought bytes of one segment. */
export interface OriginEvidence {
  readonly bytes: number;
  /** From first to last byte. */
  readonly streamingMs: Millis;
  readonly ttfbMs: Millis;
}

/** From less than this out of the origin no rate is read: it fits the first window of a connection. */
export const MIN_EVIDENCE_BYTES = 16 * 1024;

/** The most that the origin may do: bytes over the time in which they streamed. */
export function mostBps({ bytes, streamingMs }: OriginEvidence): number {
  return (bytes * 8000) / Math.max(1, streamingMs);
}

/** The least: bytes over the whole time since they were asked for. */
export function leastBps({ bytes, streamingMs, ttfbMs }: OriginEvidence): number {
  return (bytes * 8000) / Math.max(1, ttfbMs + streamingMs);
}

/** Of transfers, by what they surely reached. */
export function fastest(transfers: readonly (OriginEvidence | undefined)[]): OriginEvidence | undefined {
  return transfers.reduce((a, b) => (a && b ? (leastBps(b) > leastBps(a) ? b : a) : (a ?? b)), undefined);
}

/** Transfers of one segment that overlap are counted one after the other: too slow rather than too fast. */
export function sum(
  a: OriginEvidence | undefined,
  b: OriginEvidence | undefined,
): OriginEvidence | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return {
    bytes: a.bytes + b.bytes,
    streamingMs: a.streamingMs + b.streamingMs,
    ttfbMs: Math.max(a.ttfbMs, b.ttfbMs),
  };
}
