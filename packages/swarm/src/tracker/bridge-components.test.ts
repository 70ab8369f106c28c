import { beforeEach, describe, expect, it } from 'vitest';
import { seededRandom } from '../util/random.ts';
import { bridgeComponents } from './bridge-components.ts';
import { Cells } from './cells/cells.ts';
import { IntroductionBudget } from './introduction-budget.ts';
import { Introductions } from './introductions.ts';
import { Matchmaker } from './matchmaker.ts';
import { swarmComponents } from './cells/swarm-components.ts';
import { TrackedPeer } from './cells/tracked-peer.ts';

const rendition = '0123abcd';
const NOW = 100_000;
let peers: Map<string, TrackedPeer>;
let cells: Cells;
let budget: IntroductionBudget;
let matchmaker: Matchmaker;
let random: () => number;

beforeEach(() => {
  random = seededRandom(3);
  peers = new Map();
  cells = new Cells((id) => peers.get(id), random);
  budget = new IntroductionBudget(4);
  matchmaker = new Matchmaker(cells, new Introductions(), budget, 4, random);
});

/** Viewers that are all linked with one another; a name in capitals is download-only. */
function clique(...ids: string[]): void {
  for (const id of ids) {
    const peer = new TrackedPeer(id, 0);
    peer.learnNeighbours(
      ids.filter((other) => other !== id),
      0,
    );
    peer.renditions = new Set([rendition]);
    peer.uploads = id === id.toLowerCase();
    peers.set(id, peer);
    cells.add(peer);
    budget.joined(id, '', false, 0);
  }
}
/** The dials that were asked for, as `dialler>other`. */
function bridges(now = NOW): readonly string[] {
  const found = swarmComponents(cells, rendition, (id) => cells.of(id));
  bridgeComponents(found, matchmaker, now, random);
  return matchmaker
    .takeCommands()
    .flatMap((command) =>
      command.type === 'introduce' && command.dial ? [`${command.to}>${command.peer}`] : [],
    );
}
const range = (count: number, name: string) => Array.from({ length: count }, (_, i) => `${name}${i}`);

describe('bridgeComponents', () => {
  it('introduces every smaller component twice to the largest', () => {
    clique('a', 'b', 'c', 'd');
    clique('e', 'f', 'g');
    clique('h', 'i');
    const made = bridges();
    expect(made.map(([from]) => from).sort()).toEqual(expect.arrayContaining(['h', 'i']));
    expect(made.filter(([from = '']) => 'efg'.includes(from))).toHaveLength(2);
    expect(made).toHaveLength(4);
    for (const way of made) expect('abcd').toContain(way.at(-1));
  });

  it('makes no introductions in a swarm of one component', () => {
    clique('a', 'b', 'c');
    expect(bridges()).toEqual([]);
  });

  it('retries with the same viewer after four seconds, not before', () => {
    clique('a', 'b', 'c');
    clique('d');
    expect(bridges()).toHaveLength(1);
    expect(bridges(NOW + 3999)).toEqual([]);
    expect(bridges(NOW + 4000)).toHaveLength(1);
  });

  it('introduces a giver to a download-only viewer that has none', () => {
    clique('a', 'b', 'c');
    clique('T', 'U');
    const made = bridges();
    expect(made.map(([from]) => from).sort()).toEqual(['T', 'U']);
    for (const way of made) expect('abc').toContain(way.at(-1));
  });

  it('joins no more than 64 components at a time', () => {
    clique(...range(5, 'a'));
    for (const id of range(70, 'z')) clique(id);
    const made = bridges();
    expect(new Set(made.map((way) => way.split('>')[0])).size).toBeLessThanOrEqual(64);
    expect(made.length).toBeGreaterThan(0);
  });
});
