import type { LinkKind } from '../api.ts';

/** The entries of `RTCStatsReport` that name the candidate pair in use, in the two forms that browsers have. */
interface Entry {
  readonly selectedCandidatePairId?: string;
  /** Firefox only. */
  readonly selected?: boolean;
  readonly localCandidateId?: string;
  readonly remoteCandidateId?: string;
  readonly candidateType?: string;
}

/**
 * The path that an open connection's packets take now, by its statistics. The pair that the ICE transport names is not
 * used: it stays as it was when it was chosen. At that time an address of the other side often had not been signalled
 * yet, and it would count as a router's.
 */
export function linkKind(stats: Pick<ReadonlyMap<string | undefined, Entry>, 'get' | 'values'>): LinkKind {
  let pair: Entry | undefined;
  for (const entry of stats.values())
    pair = entry.selected === true ? entry : (stats.get(entry.selectedCandidatePairId) ?? pair);
  const ends = [pair?.localCandidateId, pair?.remoteCandidateId].map((id) => stats.get(id)?.candidateType);
  if (ends.includes('relay')) return 'relayed';
  if (ends.includes(undefined)) return 'unknown';
  return ends.every((type) => type === 'host') ? 'direct' : 'reflexive';
}
