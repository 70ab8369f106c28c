import { beforeEach, describe, expect, it } from 'vitest';
import { Cell } from '../cells/cell.ts';
import { Injections } from './injections.ts';
import { TrackedPeer } from '../cells/tracked-peer.ts';

const rendition = '0123abcd';
const published = (msn: number, of = rendition) =>
  ({
    type: 'segment-published',
    segment: { epoch: 1, rendition: of, msn },
    bytes: 110_000,
    durationMs: 2000,
  }) as const;
const whole = (peer: string) => [{ peer, first: 0, count: 7 }];
const random = () => 0;
let cell: Cell;
let injections: Injections;

function put(id: string, neighbours: string[], uploads = true): void {
  const peer = new TrackedPeer(id, 0);
  peer.learnNeighbours(neighbours, 0);
  peer.renditions = new Set([rendition]);
  peer.uploads = uploads;
  cell.add(peer);
}

beforeEach(() => {
  cell = new Cell();
  injections = new Injections();
  put('bob', ['cy']);
  put('cy', ['bob', 'Tom']);
  put('Tom', ['cy'], false);
});

describe('an injector that leaves', () => {
  it('hands its pieces, and only these, to another giver of its cell', () => {
    const asked = [
      { peer: 'ann', first: 0, count: 4 },
      { peer: 'bob', first: 4, count: 3 },
    ];
    injections.start(published(1), asked, 0);
    const [told] = injections.replace('ann', cell, 500, random);
    expect(told?.segment.msn).toBe(1);
    expect(told?.injectors).toEqual([
      { peer: 'cy', first: 0, count: 4 },
      { peer: 'bob', first: 4, count: 3 },
    ]);
  });

  it('is replaced only in the first half of the segment: later, other viewers fetch its pieces', () => {
    injections.start(published(1), whole('ann'), 0);
    expect(injections.replace('ann', cell, 1001, random)).toEqual([]);
    expect(injections.replace('ann', cell, 1000, random)).toHaveLength(1);
  });

  it('is replaced by a viewer of the largest component of its cell', () => {
    put('eve', []);
    for (const id of ['fay', 'gus', 'hal'])
      put(
        id,
        ['fay', 'gus', 'hal'].filter((other) => other !== id),
      );
    injections.start(published(1), whole('ann'), 0);
    const [told] = injections.replace('ann', cell, 0, random);
    expect(['fay', 'gus', 'hal']).toContain(told?.injectors[0]?.peer);
  });

  it('is replaced at most three times for one segment, however many leave', () => {
    injections.start(published(1), whole('ann'), 0);
    let injector = 'ann';
    let replaced = 0;
    for (let i = 0; i < 10; i++) {
      const [told] = injections.replace(injector, cell, 0, random);
      if (told === undefined) break;
      replaced++;
      injector = told.injectors[0]?.peer ?? '';
    }
    expect(replaced).toBe(3);
  });

  it('is not replaced when no other viewer uploads, or when it injects nothing', () => {
    injections.start(published(1), whole('bob'), 0);
    expect(injections.replace('ann', cell, 0, random)).toEqual([]);
    const empty = new Cell();
    expect(injections.replace('bob', empty, 0, random)).toEqual([]);
  });

  it('is replaced for the newest segment of each rendition', () => {
    injections.start(published(1), whole('ann'), 0);
    injections.start(published(2), whole('bob'), 500);
    injections.start(published(7, 'ffffffff'), whole('ann'), 500);
    const told = injections.replace('ann', cell, 600, random);
    // No viewer of the cell follows the other rendition.
    expect(told).toEqual([]);
    expect(injections.replace('bob', cell, 600, random).map(({ segment }) => segment.msn)).toEqual([2]);
  });

  it('is forgotten with its rendition when 64 other renditions are newer', () => {
    injections.start(published(1), whole('ann'), 0);
    for (let i = 0; i < 63; i++) injections.start(published(1, `other-${i}`), [], 0);
    expect(injections.replace('ann', cell, 0, random)).toHaveLength(1);
    injections.start(published(1), whole('ann'), 0);
    for (let i = 0; i < 64; i++) injections.start(published(1, `other-${i}`), [], 0);
    expect(injections.replace('ann', cell, 0, random)).toEqual([]);
  });
});
