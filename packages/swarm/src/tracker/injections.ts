import type { Millis, PeerId, RenditionId, SegmentId } from '@freshet/protocol';
import type { Cell } from './cell.ts';
import { type CellComponent, cellComponents } from './cell-components.ts';
import { chooseInjectors } from './choose-injectors.ts';
import type { Injector, TrackerCommand, TrackerEvent } from './tracker-event.ts';

/** Renditions whose newest segment is remembered; the oldest goes. */
const MAX_RENDITIONS = 64;
/** An injector that leaves is replaced in this share of the segment's duration. Later the others have stepped in. */
const REPLACED_WITHIN = 0.5;
/** Announcements of one segment made again. Every viewer is told: a swarm that all leave must not cost more and more. */
const MAX_REPLACED = 3;

type Published = Extract<TrackerEvent, { type: 'segment-published' }>;
type Announce = Extract<TrackerCommand, { type: 'announce' }>;

interface Injection {
  readonly published: Published;
  readonly at: Millis;
  injectors: readonly Injector[];
  replaced: number;
}

/** Who was asked to inject the newest segments, in order to replace those who leave. */
export class Injections {
  readonly #newest = new Map<RenditionId, Injection>();

  /** @returns what everyone is to be told. */
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

  /** An injector left: others of its cell take its pieces. @param cell where it was. @returns what to tell everyone. */
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
