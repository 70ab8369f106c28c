import { describe, expect, it } from 'vitest';
import { EgressGate } from './egress-gate.ts';

/** 1 Mbit/s: 250,000 bytes in two seconds. */
const LIMIT_BPS = 1e6;
const BYTES = 100_000;
const KIB_16 = 16 * 1024;

/** A gate that has just admitted `bytes` of another segment. */
function after(bytes: number): EgressGate {
  const gate = new EgressGate(LIMIT_BPS);
  gate.admits({ segment: 'other', bytes, start: 0, end: bytes }, 0);
  return gate;
}
const whole = (gate: EgressGate, segment: string, now = 0) =>
  gate.admits({ segment, bytes: BYTES, start: 0, end: BYTES }, now);

describe('below the limit', () => {
  it('serves every request', () => {
    const gate = new EgressGate(LIMIT_BPS * 100);
    for (let viewer = 0; viewer < 50; viewer++) expect(whole(gate, 'a')).toBe(true);
    expect(gate.admitsNewcomer(0)).toBe(true);
  });
  it('turns newcomers away before current viewers', () => {
    const gate = after(160_000);
    expect(gate.admitsNewcomer(0)).toBe(false);
    for (let viewer = 0; viewer < 4; viewer++)
      gate.admits({ segment: 'a', bytes: 1000, start: 0, end: 1000 }, 0);
    expect(gate.admits({ segment: 'a', bytes: 1000, start: 0, end: 1000 }, 0)).toBe(true);
  });
});

describe('above the limit', () => {
  it('lets four copies of each segment pass, and no fifth', () => {
    const gate = after(300_000);
    for (const segment of ['a', 'b'])
      expect([1, 2, 3, 4, 5].map(() => whole(gate, segment))).toEqual([true, true, true, true, false]);
  });
  it('counts copies by block, so that one range does not use up the copies of another', () => {
    const gate = after(300_000);
    for (let viewer = 0; viewer < 4; viewer++)
      gate.admits({ segment: 'a', bytes: BYTES, start: 0, end: KIB_16 }, 0);
    expect(gate.admits({ segment: 'a', bytes: BYTES, start: 0, end: KIB_16 }, 0)).toBe(false);
    expect(gate.admits({ segment: 'a', bytes: BYTES, start: KIB_16, end: 2 * KIB_16 }, 0)).toBe(true);
  });
  it('remembers the newest segments and forgets the oldest after an hour of segments', () => {
    const gate = after(300_000);
    for (let msn = 0; msn < 1100; msn++) for (let copy = 0; copy < 4; copy++) whole(gate, `${msn}`);
    expect(whole(gate, '1099')).toBe(false);
    expect(whole(gate, '0')).toBe(true);
  });
  it('serves every request again after two seconds of rest', () => {
    const gate = after(300_000);
    for (let copy = 0; copy < 4; copy++) whole(gate, 'a');
    expect(whole(gate, 'a')).toBe(false);
    expect(whole(gate, 'a', 2500)).toBe(true);
    expect(gate.admitsNewcomer(5000)).toBe(true);
  });
});

describe('bytes that are not sent', () => {
  it('do not count', () => {
    const gate = new EgressGate(LIMIT_BPS);
    for (let viewer = 0; viewer < 100; viewer++) {
      expect(whole(gate, 'a', viewer)).toBe(true);
      gate.unsent({ segment: 'a', bytes: BYTES, start: 0, end: BYTES }, 0, viewer, viewer);
    }
    expect(gate.admitsNewcomer(100)).toBe(true);
  });
  it('use up no copy of a segment, and give none back that was sent', () => {
    const gate = after(300_000);
    const request = { segment: 'a', bytes: BYTES, start: 0, end: BYTES };
    for (let often = 0; often < 10; often++) {
      gate.admits(request, 0);
      gate.unsent(request, 2 * KIB_16, 0, 0);
    }
    // Ten copies of two blocks were sent, none of the rest.
    expect(gate.admits({ ...request, end: 2 * KIB_16 }, 0)).toBe(false);
    for (let copy = 0; copy < 4; copy++) expect(gate.admits({ ...request, start: 2 * KIB_16 }, 0)).toBe(true);
    expect(gate.admits({ ...request, start: 2 * KIB_16 }, 0)).toBe(false);
  });
  it('no longer matter after two seconds', () => {
    const gate = after(160_000);
    gate.admits({ segment: 'a', bytes: BYTES, start: 0, end: BYTES }, 2100);
    gate.unsent({ segment: 'other', bytes: 160_000, start: 0, end: 160_000 }, 0, 0, 2100);
    gate.admits({ segment: 'b', bytes: BYTES, start: 0, end: BYTES }, 2100);
    expect(gate.admitsNewcomer(2100)).toBe(false);
  });
});

describe('address prefixes', () => {
  /** Requests whole segments of 25,000 bytes (a tenth of the limit in two seconds). @returns how many were served */
  function ask(gate: EgressGate, prefix: string, segments: readonly string[], now: number): number {
    return segments.filter((segment) =>
      gate.admits({ segment, bytes: 25_000, start: 0, end: 25_000, prefix }, now),
    ).length;
  }
  const same = (count: number) => new Array<string>(count).fill('same');
  const different = (count: number, name = '') => Array.from({ length: count }, (_, i) => `${name}${i}`);

  it('one that asks alone has the whole limit', () => {
    const [alone, nameless] = [new EgressGate(LIMIT_BPS), new EgressGate(LIMIT_BPS)];
    const served = same(30).filter((segment) =>
      nameless.admits({ segment, bytes: 25_000, start: 0, end: 25_000 }, 0),
    ).length;
    expect(ask(alone, 'a', same(30), 0)).toBe(served);
    expect(served).toBeGreaterThanOrEqual(10);
    expect(alone.admitsNewcomer(0, 'a')).toBe(false);
  });

  it('newcomers of other prefixes are admitted while one uses all that it gets, and can watch', () => {
    const gate = new EgressGate(LIMIT_BPS);
    ask(gate, 'greedy', same(30), 0);
    let refused = 0;
    for (let now = 100; now < 10_000; now += 100) {
      ask(gate, 'greedy', same(30), now);
      if (now % 2000 !== 0) continue;
      for (const prefix of ['a', 'b']) {
        if (!gate.admitsNewcomer(now, prefix)) refused++;
        refused += 1 - ask(gate, prefix, ['same'], now);
      }
    }
    expect(refused).toBe(0);
    expect(gate.admitsNewcomer(9900, 'greedy')).toBe(false);
  });

  it('the first copies of all segments are no way around the share', () => {
    const gate = new EgressGate(LIMIT_BPS);
    gate.admitsNewcomer(0, 'other');
    // Six tenths, one that passes the threshold, and half the limit in first copies.
    expect(ask(gate, 'greedy', different(100), 0)).toBeLessThanOrEqual(14);
    expect(ask(gate, 'other', different(2, 'new'), 0)).toBe(2);
  });

  it('a crowd of one network injects while it is above its share', () => {
    const gate = new EgressGate(LIMIT_BPS);
    gate.admitsNewcomer(0, 'other');
    ask(gate, 'office', same(30), 0);
    expect(ask(gate, 'office', ['new', 'new'], 0)).toBe(2);
  });

  it('playlists of a prefix stop at its share while others ask, and leave the segments as they are', () => {
    const gate = new EgressGate(LIMIT_BPS);
    const lists = (prefix: string) =>
      Array.from({ length: 100 }, () => gate.admitsSmall(25_000, 0, prefix)).filter(Boolean).length;
    expect(lists('greedy')).toBe(100);
    expect(gate.admitsSmall(25_000, 0, 'other')).toBe(true);
    expect(lists('greedy')).toBe(0);
    expect(gate.admitsNewcomer(0, 'other')).toBe(true);
    expect(lists('another')).toBe(4);
  });

  it('many prefixes share the limit as one crowd does', () => {
    const gate = new EgressGate(LIMIT_BPS);
    const prefixes = different(30);
    expect(prefixes.filter((prefix) => ask(gate, prefix, ['same'], 0) === 1)).toHaveLength(11);
    expect(gate.admitsNewcomer(0, 'another')).toBe(false);
  });

  it('a prefix that stopped asking leaves its share to the others', () => {
    const gate = new EgressGate(LIMIT_BPS);
    ask(gate, 'gone', ['same'], 0);
    expect(ask(gate, 'a', same(30), 11_000)).toBeGreaterThanOrEqual(10);
  });
});
