import { LIMITS, type Millis } from '@freshet/protocol';
import type { CellPart } from './cell-parts.ts';
import { chooseInjectors, isReady, type Load } from './choose-injectors.ts';
import { sizeOf, type SwarmPart } from './swarm-parts.ts';
import type { Injector } from './tracker-event.ts';

/** Copies of a segment in one connected part, however large. */
export const MAX_COPIES = 4;

/**
 * Who takes what of a segment from the origin: a copy for every part of the swarm that pieces can spread in, and in a
 * large part a few, in cells apart, so that they reach everyone sooner. Who is alone serves itself.
 * @param parts largest first. Those beyond LIMITS.injectors get none: their viewers elect among themselves.
 */
export function planInjection(
  parts: readonly SwarmPart[],
  load: Load,
  now: Millis,
  random: () => number,
): readonly Injector[] {
  const served = parts
    .filter((part) => part.givers > 0 && sizeOf(part) > 1)
    .slice(0, LIMITS.injectors)
    .map((part) => ({ part, copies: 1 }));
  let free = LIMITS.injectors - served.length;
  for (const place of served) {
    const more = Math.min(free, copiesFor(place.part) - 1);
    place.copies += more;
    free -= more;
  }
  const total = served.reduce((sum, { copies }) => sum + copies, 0);
  const each = Math.max(1, Math.floor(LIMITS.injectors / Math.max(1, total)));
  return served.flatMap(({ part, copies }) =>
    nextCells(part, copies, now).flatMap((cellPart) => {
      cellPart.cell.turn += load.bytes / cellPart.givers.length;
      return chooseInjectors(cellPart.givers, load, now, random, each);
    }),
  );
}

/** One copy more each time that the cells are four times as many: the way from a copy to the last cell stays short. */
function copiesFor({ cellParts }: SwarmPart): number {
  const cells = new Set(cellParts.map(({ cell }) => cell)).size;
  return Math.min(MAX_COPIES, 1 + Math.floor(Math.log2(cells) / 2));
}

/** The cells whose turn it is, those first in which somebody can be relied on. */
function nextCells({ cellParts }: SwarmPart, copies: number, now: Millis): readonly CellPart[] {
  const inTurn = [...cellParts].sort((a, b) => a.cell.turn - b.cell.turn);
  const chosen: CellPart[] = [];
  for (const part of inTurn) {
    if (chosen.length >= copies) return chosen;
    if (part.givers.some((peer) => isReady(peer, now))) chosen.push(part);
  }
  for (const part of inTurn) {
    if (chosen.length >= copies) return chosen;
    if (!chosen.includes(part)) chosen.push(part);
  }
  return chosen;
}
