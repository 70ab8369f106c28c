import { describe, expect, it } from 'vitest';
import { EgressGate } from './egress-gate.ts';

/** 1 Mbit/s: 250,000 bytes in two seconds. */
const LIMIT_BPS = 1e6;
const BYTES = 100_000;
const KIB_16 = 16 * 1024;

/** A gate that has just admitted `bytes` of another segment. */
function after(bytes: number): EgressGate {
  const gate = new EgressGate(LIMIT_BPS);
  gate.admits('other', bytes, 0, bytes, 0);
  return gate;
}
const whole = (gate: EgressGate, segment: string, now = 0) => gate.admits(segment, BYTES, 0, BYTES, now);

describe('below the limit', () => {
  it('serves every request', () => {
    const gate = new EgressGate(LIMIT_BPS * 100);
    for (let viewer = 0; viewer < 50; viewer++) expect(whole(gate, 'a')).toBe(true);
    expect(gate.admitsNewcomer(0)).toBe(true);
  });
  it('turns newcomers away before current viewers', () => {
    const gate = after(160_000);
    expect(gate.admitsNewcomer(0)).toBe(false);
    for (let viewer = 0; viewer < 4; viewer++) gate.admits('a', 1000, 0, 1000, 0);
    expect(gate.admits('a', 1000, 0, 1000, 0)).toBe(true);
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
    for (let viewer = 0; viewer < 4; viewer++) gate.admits('a', BYTES, 0, KIB_16, 0);
    expect(gate.admits('a', BYTES, 0, KIB_16, 0)).toBe(false);
    expect(gate.admits('a', BYTES, KIB_16, 2 * KIB_16, 0)).toBe(true);
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
