import { LIMITS, pieceCount } from '@freshet/protocol';
import { storySeed } from '@freshet/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../util/random.ts';
import { CELL_MAX } from './cells/cells.ts';
import { TrackerCore } from './tracker-core.ts';
import type { Injector, TrackerCommand, TrackerEvent } from './api/tracker-event.ts';

const MAX_NEIGHBOURS = 8;
const BYTES = 440_000;

interface Viewer {
  readonly id: string;
  readonly links: Set<string>;
  rendition: string;
  uploads: boolean;
}

/**
 * Viewers that open the links that the tracker asks for, within their seats, and report them: the tracker's environment
 * without media.
 */
class Town {
  readonly core = new TrackerCore({ seed: 1, maxNeighbours: MAX_NEIGHBOURS });
  readonly viewers = new Map<string, Viewer>();
  readonly #random: () => number;
  readonly #failures: number;
  readonly #changed = new Set<Viewer>();
  #now = 0;
  #msn = 0;
  #made = 0;

  constructor(seed: number, failures = 0) {
    this.#random = seededRandom(seed);
    this.#failures = failures;
  }

  join(rendition: string, uploads: boolean, locality?: string): void {
    const viewer = { id: `peer-${++this.#made}`, links: new Set<string>(), rendition, uploads };
    this.viewers.set(viewer.id, viewer);
    this.#tell({
      type: 'peer-joined',
      peer: viewer.id,
      neighbours: [],
      renditions: [rendition],
      uploads,
      ...(locality !== undefined && { locality }),
    });
  }
  leave(pick: number): void {
    const viewer = [...this.viewers.values()][pick % Math.max(1, this.viewers.size)];
    if (viewer === undefined) return;
    this.viewers.delete(viewer.id);
    for (const id of viewer.links) {
      const other = this.viewers.get(id);
      other?.links.delete(viewer.id);
      if (other !== undefined) this.#changed.add(other);
    }
    this.#tell({ type: 'peer-left', peer: viewer.id });
  }
  switch(pick: number, rendition: string): void {
    const viewer = [...this.viewers.values()][pick % Math.max(1, this.viewers.size)];
    if (viewer === undefined) return;
    viewer.rendition = rendition;
    this.#changed.add(viewer);
  }

  /**
   * Publishes a segment of each rendition every two seconds. In between, changed viewers report once a second.
   * @returns the last injectors of each rendition.
   */
  run(segments: number): ReadonlyMap<string, readonly Injector[]> {
    const injectors = new Map<string, readonly Injector[]>();
    for (let i = 0; i < segments; i++) {
      this.#msn++;
      for (const rendition of new Set([...this.viewers.values()].map((viewer) => viewer.rendition))) {
        const segment = { epoch: 1, rendition, msn: this.#msn };
        const told = this.#tell({ type: 'segment-published', segment, bytes: BYTES, durationMs: 2000 });
        for (const command of told) {
          if (command.type === 'announce') injectors.set(rendition, command.injectors);
        }
      }
      for (let second = 0; second < 2; second++) {
        this.#now += 1000;
        for (const viewer of [...this.#changed]) this.#report(viewer);
        this.#tell({ type: 'tick' });
      }
    }
    return injectors;
  }

  /**
   * The components of a rendition's followers within which pieces spread. Download-only viewers are in every component
   * that feeds them.
   */
  components(rendition: string): readonly ReadonlySet<string>[] {
    const components: Set<string>[] = [];
    const seen = new Set<string>();
    for (const start of this.viewers.values()) {
      if (start.rendition !== rendition || !start.uploads || seen.has(start.id)) continue;
      const component = new Set([start.id]);
      for (const id of component) {
        const viewer = this.viewers.get(id);
        if (viewer?.uploads !== true) continue;
        seen.add(id);
        for (const other of viewer.links)
          if (this.viewers.get(other)?.rendition === rendition) component.add(other);
      }
      components.push(component);
    }
    return components;
  }

  #report(viewer: Viewer): void {
    this.#changed.delete(viewer);
    if (!this.viewers.has(viewer.id)) return;
    this.#tell({
      type: 'peer-reported',
      peer: viewer.id,
      neighbours: [...viewer.links],
      renditions: [viewer.rendition],
      uploads: viewer.uploads,
      seeking: viewer.links.size < MAX_NEIGHBOURS,
    });
  }

  #tell(event: TrackerEvent): readonly TrackerCommand[] {
    const commands = this.core.handle(event, this.#now);
    for (const command of commands) {
      if (command.type === 'introduce' && command.dial) this.#link(command.to, command.peer);
    }
    return commands;
  }

  #link(from: string, to: string): void {
    const [a, b] = [this.viewers.get(from), this.viewers.get(to)];
    if (a === undefined || b === undefined || this.#random() < this.#failures) return;
    if (!this.#makeRoom(a) || !this.#makeRoom(b)) return;
    a.links.add(b.id);
    b.links.add(a.id);
    this.#changed.add(a);
    this.#changed.add(b);
  }

  /** A full viewer drops a neighbour with which it exchanges nothing for a newly introduced one. */
  #makeRoom(viewer: Viewer): boolean {
    if (viewer.links.size < MAX_NEIGHBOURS + LIMITS.spareSeats) return true;
    for (const id of viewer.links) {
      const other = this.viewers.get(id);
      if (other === undefined || other.rendition === viewer.rendition) continue;
      viewer.links.delete(id);
      other.links.delete(viewer.id);
      this.#changed.add(other);
      return true;
    }
    return false;
  }
}

const rendition = fc.constantFrom('0000000a', '0000000a', '0000000a', '0000000b');
const step = fc.record({
  joins: fc.integer({ min: 0, max: 50 }),
  rendition,
  uploads: fc.constantFrom(true, true, true, false),
  locality: fc.option(fc.constantFrom('a/1', 'a/2', 'b/3'), { nil: undefined }),
  leaves: fc.array(fc.nat(500), { maxLength: 40 }),
  switches: fc.array(fc.record({ pick: fc.nat(500), rendition }), { maxLength: 10 }),
  segments: fc.nat(3),
});
const story = fc.record({
  seed: fc.nat(2 ** 31),
  failures: fc.constantFrom(0, 0.2),
  steps: fc.array(step, { minLength: 1, maxLength: 8 }),
});

function settle(told: typeof story extends fc.Arbitrary<infer T> ? T : never) {
  const town = new Town(told.seed, told.failures);
  for (const { joins, rendition: joined, uploads, locality, leaves, switches, segments } of told.steps) {
    for (let i = 0; i < joins; i++) town.join(joined, uploads, locality);
    for (const pick of leaves) town.leave(pick);
    for (const { pick, rendition: other } of switches) town.switch(pick, other);
    town.run(segments);
  }
  // Where two viewers are the only connection, one in five of their attempts fails, and the attempts are 20 s apart.
  return { town, injectors: town.run(told.failures > 0 ? 45 : 30) };
}

describe('after a random history', () => {
  it('each rendition is one component, and cells and links are within their bounds', () => {
    fc.assert(
      fc.property(story, (told) => {
        const { town, injectors } = settle(told);
        for (const { links } of town.viewers.values())
          expect(links.size).toBeLessThanOrEqual(MAX_NEIGHBOURS + LIMITS.spareSeats);
        expect(town.core.cells).toBeLessThanOrEqual(Math.max(1, Math.ceil(town.viewers.size / 16)));
        expect(town.core.cells).toBeGreaterThanOrEqual(Math.ceil(town.viewers.size / CELL_MAX));
        for (const [name, asked] of injectors) {
          const components = town.components(name);
          const [component = new Set()] = components;
          expect(components.length).toBeLessThanOrEqual(1);
          const followers = [...town.viewers.values()].filter((viewer) => viewer.rendition === name);
          const givers = followers.filter(({ uploads }) => uploads).length;
          // More followers may be too many for the seats of the givers.
          if (followers.length <= 1.5 * givers) expect(component.size).toBe(followers.length);
          // Whole copies, from viewers that upload; none for a component of one viewer.
          for (const { peer } of asked) expect(town.viewers.get(peer)?.uploads).toBe(true);
          const pieces = asked.reduce((sum, { count }) => sum + count, 0);
          const copies = pieces / pieceCount(BYTES);
          expect(Number.isInteger(copies)).toBe(true);
          if (component.size < 2) expect(copies).toBe(0);
          else expect(copies).toBeGreaterThanOrEqual(1);
          expect(copies).toBeLessThanOrEqual(Math.max(1, Math.floor(1 + Math.log2(town.core.cells) / 2)));
        }
      }),
      { numRuns: 60, endOnFailure: true, ...storySeed() },
    );
  });

  it('viewers that join when all others are full of one another are fed too', () => {
    const town = new Town(0);
    for (let i = 0; i < 14; i++) town.join('0000000a', true);
    for (let i = 0; i < 7; i++) town.join('0000000a', false);
    town.run(30);
    expect(town.components('0000000a').map(({ size }) => size)).toEqual([21]);
  });
});

describe('a crowd', () => {
  it('of 3000 is one component in many cells, fed by four copies, and every viewer is few links from a copy', () => {
    const town = new Town(1, 0.2);
    for (let i = 0; i < 3000; i++) {
      town.join('0000000a', i % 4 !== 0, `isp-${i % 5}/net-${i % 700}`);
      if (i % 100 === 99) town.run(1);
    }
    const injectors = town.run(10).get('0000000a') ?? [];
    expect(town.components('0000000a').map(({ size }) => size)).toEqual([3000]);
    const copies = injectors.reduce((sum, { count }) => sum + count, 0) / pieceCount(BYTES);
    expect(copies).toBe(4);
    expect(hops(town, injectors[0]?.peer ?? '')).toBeLessThanOrEqual(10);
  });
});

/** The number of links from one viewer to the farthest other. */
function hops(town: Town, from: string): number {
  const far = new Map([[from, 0]]);
  for (const [id, distance] of far) {
    const viewer = town.viewers.get(id);
    if (viewer?.uploads !== true) continue;
    for (const other of viewer.links) if (!far.has(other)) far.set(other, distance + 1);
  }
  return Math.max(...far.values());
}
