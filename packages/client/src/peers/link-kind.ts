import type { LinkKind } from '../api.ts';

/** Of `RTCStatsReport`, the entries that name the pair of candidates in use, in the browsers' two ways. */
interface Entry {
  readonly selectedCandidatePairId?: string;
  /** Firefox's. */
  readonly selected?: boolean;
  readonly localCandidateId?: string;
  readonly remoteCandidateId?: string;
  readonly candidateType?: string;
}

/**
 * Which way the packets of an open connection take now, by its statistics: the pair that the ICE transport names is as it
 * was when it was chosen, and then an address of the other side often was not signalled yet, and counts as one that a
 * router has.
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
