/** Bytes so far. They are counted here and nowhere else. */
export interface Counters {
  peerBytes: number;
  originBytes: number;
  uploadedBytes: number;
  wastedBytes: number;
  playedBytes: number;
}

export function newCounters(): Counters {
  return { peerBytes: 0, originBytes: 0, uploadedBytes: 0, wastedBytes: 0, playedBytes: 0 };
}

/** 1 - origin bytes / played bytes, within 0 and 1. Bytes fetched ahead for others count against it at once. */
export function offload({ originBytes, playedBytes }: Counters): number {
  if (playedBytes === 0) return 0;
  return Math.min(1, Math.max(0, 1 - originBytes / playedBytes));
}
