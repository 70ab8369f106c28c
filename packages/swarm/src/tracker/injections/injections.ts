import type { Millis, PeerId, RenditionId, SegmentId } from '@freshet/protocol';
import type { Cell } from '../cells/cell.ts';
import { type CellComponent, cellComponents } from '../cells/cell-components.ts';
import { chooseInjectors } from './choose-injectors.ts';
import type { Injector, TrackerCommand, TrackerEvent } from '../api/tracker-event.ts';

/** Renditions whose newest segment is remembered. Beyond this number the oldest is forgotten. */
const MAX_RENDITIONS = 64;
/**
 * An injector that leaves is replaced during this share of the segment's duration. Later, other viewers already fetch
 * its pieces.
 */
const REPLACED_WITHIN = 0.5;
/**
 * Repeated announcements of one segment. Each goes to every viewer: their cost must stay bounded when all viewers leave
 * a swarm.
 */
const MAX_REPLACED = 3;

type Published = Extract<TrackerEvent, { type: 'segment-published' }>;
type Announce = Extract<TrackerCommand, { type: 'announce' }>;

interface Injection {
  readonly published: Published;
  readonly at: Millis;
  injectors: readonly Injector[];
  replaced: number;
}

/** Remembers the injectors of the newest segments, in order to replace those that leave. */
export class Injections {
  readonly #newest = new Map<RenditionId, Injection>();

  /** @returns the announcement to every viewer. */
  start(published: Published, injectors: readonly Injector[], now: Millis): Announce {
    const { rendition } = published.segment;
    this.#newest.delete(rendition);
    this.#newest.set(rendition, { published, at: now, injectors, replaced: 0 });
    if (this.#newest.size > MAX_RENDITIONS) {
      const oldest = this.#newest.keys().next();
      if (oldest.done !== true) this.#newest.delete(oldest.value);
    }
    return announce(published, injectors);
  }

  /**
   * Hands the pieces of an injector that left to other viewers of its cell.
   * @param cell the cell of the injector.
   * @returns the announcements to every viewer.
   */
  replace(peer: PeerId, cell: Cell, now: Millis, random: () => number): readonly Announce[] {
    const again: Announce[] = [];
    for (const injection of this.#newest.values()) {
      const { published, at, injectors, replaced } = injection;
      if (!injectors.some((injector) => injector.peer === peer)) continue;
      if (now - at > published.durationMs * REPLACED_WITHIN || replaced >= MAX_REPLACED) continue;
      const others = this.#othersIn(cell, published.segment, injectors);
      const [heir] = chooseInjectors(others, published, now, random, 1);
      if (heir === undefined) continue;
      injection.replaced++;
      injection.injectors = injectors.map((injector) =>
        injector.peer === peer ? { ...injector, peer: heir.peer } : injector,
      );
      again.push(announce(published, injection.injectors));
    }
    return again;
  }

  #othersIn(cell: Cell, { rendition }: SegmentId, injectors: readonly Injector[]): CellComponent['givers'] {
    const taken = new Set(injectors.map(({ peer }) => peer));
    const [largest] = [...cellComponents(cell, rendition).components].sort(
      (a, b) => b.givers.length - a.givers.length,
    );
    return (largest?.givers ?? []).filter(({ id }) => !taken.has(id));
  }
}

function announce({ segment, bytes, durationMs }: Published, injectors: readonly Injector[]): Announce {
  return { type: 'announce', segment, bytes, durationMs, injectors };
}
