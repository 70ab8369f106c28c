import { LIMITS, type Millis } from '@freshet/protocol';
import type { CellComponent } from '../cells/cell-components.ts';
import { chooseInjectors, isReady, type Load } from './choose-injectors.ts';
import { sizeOf, type SwarmComponent } from '../cells/swarm-components.ts';
import type { Injector } from '../api/tracker-event.ts';

/** The most copies of a segment in one connected component of any size. */
export const MAX_COPIES = 4;

/**
 * Assigns the pieces of a segment to injectors: one copy for each component of the swarm, and several in a large
 * component, in different cells, so that they reach every viewer sooner. A viewer without neighbours fetches for
 * itself.
 * @param components largest first. Those beyond LIMITS.injectors get no injector: their viewers elect one among
 * themselves.
 */
export function planInjection(
  components: readonly SwarmComponent[],
  load: Load,
  now: Millis,
  random: () => number,
): readonly Injector[] {
  const served = components
    .filter((component) => component.givers > 0 && sizeOf(component) > 1)
    .slice(0, LIMITS.injectors)
    .map((component) => ({ component, copies: 1 }));
  let free = LIMITS.injectors - served.length;
  for (const place of served) {
    const more = Math.min(free, copiesFor(place.component) - 1);
    place.copies += more;
    free -= more;
  }
  const total = served.reduce((sum, { copies }) => sum + copies, 0);
  const each = Math.max(1, Math.floor(LIMITS.injectors / Math.max(1, total)));
  return served.flatMap(({ component, copies }) =>
    nextCells(component, copies, now).flatMap(({ cell, givers }) => {
      cell.injectionLoad += load.bytes / givers.length;
      return chooseInjectors(givers, load, now, random, each);
    }),
  );
}

/** One more copy with each fourfold number of cells: the path from a copy to the farthest cell stays short. */
function copiesFor({ cellComponents }: SwarmComponent): number {
  const cells = new Set(cellComponents.map(({ cell }) => cell)).size;
  return Math.min(MAX_COPIES, 1 + Math.floor(Math.log2(cells) / 2));
}

/** The cells with the least load, those with a reliable viewer first. */
function nextCells(
  { cellComponents }: SwarmComponent,
  copies: number,
  now: Millis,
): readonly CellComponent[] {
  const inTurn = [...cellComponents].sort((a, b) => a.cell.injectionLoad - b.cell.injectionLoad);
  const chosen: CellComponent[] = [];
  for (const component of inTurn) {
    if (chosen.length >= copies) return chosen;
    if (component.givers.some((peer) => isReady(peer, now))) chosen.push(component);
  }
  for (const component of inTurn) {
    if (chosen.length >= copies) return chosen;
    if (!chosen.includes(component)) chosen.push(component);
  }
  return chosen;
}
