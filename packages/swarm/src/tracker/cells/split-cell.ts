import type { Cell } from './cell.ts';
import type { TrackedPeer } from './tracked-peer.ts';

/** The largest distance of a cut from the middle, as a share of the cell. */
const OFF_MIDDLE = 0.2;

/**
 * The viewers that leave a cell that became too large: about half of it, cut at a border between places if there is one
 * near the middle, otherwise a half of closely linked viewers, so that few links lead across. Links stay as they are.
 */
export function leavers(cell: Cell): readonly TrackedPeer[] {
  const sorted = [...cell.members.values()].sort((a, b) => compare(placeOf(a), placeOf(b)));
  const border = borderOf(sorted);
  return border === undefined ? linkedHalf(sorted, cell) : sorted.slice(border);
}

/** The border between the widest places. Of several, the one nearest to the middle. */
function borderOf(sorted: readonly TrackedPeer[]): number | undefined {
  const middle = sorted.length / 2;
  let best: { at: number; nearness: number } | undefined;
  for (let at = 1; at < sorted.length; at++) {
    if (Math.abs(at - middle) > OFF_MIDDLE * sorted.length) continue;
    const [before, after] = [sorted[at - 1], sorted[at]];
    if (before === undefined || after === undefined || placeOf(before) === placeOf(after)) continue;
    const nearness = before.nearness(after);
    const nearer = best !== undefined && Math.abs(at - middle) < Math.abs(best.at - middle);
    if (best === undefined || nearness < best.nearness || (nearness === best.nearness && nearer))
      best = { at, nearness };
  }
  return best?.at;
}

/** Follows links from one viewer on, until half of the cell is collected. */
function linkedHalf(members: readonly TrackedPeer[], cell: Cell): readonly TrackedPeer[] {
  const half = new Set<TrackedPeer>();
  const wanted = Math.floor(members.length / 2);
  for (const start of members) {
    const queue = [start];
    for (const peer of queue) {
      if (half.size >= wanted) return [...half];
      if (half.has(peer)) continue;
      half.add(peer);
      for (const id of peer.neighbours) {
        const other = cell.members.get(id);
        if (other !== undefined && !half.has(other)) queue.push(other);
      }
    }
  }
  return [...half];
}

function placeOf(peer: TrackedPeer): string {
  return peer.places.at(-1) ?? '';
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
