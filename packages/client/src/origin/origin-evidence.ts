import type { Millis } from '@freshet/protocol';

/** Measurements of the origin while it delivered bytes of one segment. */
export interface OriginEvidence {
  readonly bytes: number;
  /** From first to last byte. */
  readonly streamingMs: Millis;
  readonly ttfbMs: Millis;
}

/** Fewer bytes than this from the origin show no rate: they fit into the first window of a connection. */
export const MIN_EVIDENCE_BYTES = 16 * 1024;

/** The upper bound of the origin's rate: bytes over the time in which they streamed. */
export function mostBps({ bytes, streamingMs }: OriginEvidence): number {
  return (bytes * 8000) / Math.max(1, streamingMs);
}

/** The lower bound of the origin's rate: bytes over the whole time since they were requested. */
export function leastBps({ bytes, streamingMs, ttfbMs }: OriginEvidence): number {
  return (bytes * 8000) / Math.max(1, ttfbMs + streamingMs);
}

/** The transfer with the highest lower bound. */
export function fastest(transfers: readonly (OriginEvidence | undefined)[]): OriginEvidence | undefined {
  return transfers.reduce((a, b) => (a && b ? (leastBps(b) > leastBps(a) ? b : a) : (a ?? b)), undefined);
}

/**
 * Adds transfers of one segment. Overlapping ones count as if one followed the other, which is too slow rather than too
 * fast.
 */
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
