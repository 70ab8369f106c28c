import { LIMITS } from '@freshet/protocol';
import { SwarmLab } from '@freshet/testkit';
import { afterEach, describe, expect, it } from 'vitest';

/** Rules B1 to B13 of PROTOCOL.md in a running swarm. The lab's checkers verify the rules themselves throughout. */

let lab: SwarmLab;

afterEach(() => {
  expect(lab.breaches()).toEqual([]);
});

const ids = (lines: readonly string[], pattern: RegExp) => lines.map((line) => pattern.exec(line)?.[1] ?? '');

describe('links', () => {
  it('B1: exactly one of two introduced viewers makes the offer', () => {
    lab = new SwarmLab({ seed: 11 });
    lab.joinMany(5, 700);
    lab.run(8000);
    const offers = new Map<string, number>();
    for (const line of lab.trace.lines(/ > dial /, 10_000)) {
      const [, self = '', peer = '', initiator = ''] =
        / (v\d\d) > dial peer="(v\d\d)" initiator=(\w+)/.exec(line) ?? [];
      const pair = [self, peer].sort().join(' ');
      offers.set(pair, (offers.get(pair) ?? 0) + (initiator === 'true' ? 1 : 0));
    }
    expect(offers.size).toBe(10);
    expect(new Set(offers.values())).toEqual(new Set([1]));
  });

  it('B2: viewers have no more neighbours than the policy and the spare seats allow', () => {
    lab = new SwarmLab({ seed: 12, policy: { maxNeighbours: 3 } });
    lab.joinMany(14, 300);
    lab.run(30_000);
    const counts = lab.viewers.map(({ brain }) => brain.neighbours.length);
    expect(Math.max(...counts)).toBeGreaterThanOrEqual(3);
    expect(Math.max(...counts)).toBeLessThanOrEqual(5);
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(1);
  });

  it('B2: viewers never have more neighbours than the limit', () => {
    lab = new SwarmLab({ seed: 13, policy: { maxNeighbours: LIMITS.neighbours } });
    lab.joinMany(26, 100);
    lab.run(60_000);
    const counts = lab.viewers.map(({ brain }) => brain.neighbours.length);
    expect(Math.max(...counts)).toBe(LIMITS.neighbours);
  });
});

describe('have, fetching and requests', () => {
  it('B3: a viewer that stops uploading withdraws its haves, and shares again when it resumes', () => {
    lab = new SwarmLab({ seed: 14 });
    const [first] = lab.joinMany(3, 500);
    lab.run(10_000);
    first?.setUploads(false);
    const uploaded = first?.links.uploadedBytes;
    const empty = lab.trace.lines(/v01 > send .*\[have \S+ \/\d/);
    expect(empty.length).toBeGreaterThan(2);
    lab.run(10_000);
    expect(first?.links.uploadedBytes).toBe(uploaded);
    first?.setUploads(true);
    lab.run(20_000);
    expect(first?.links.uploadedBytes).toBeGreaterThan(uploaded ?? 0);
  });

  it('B3: a neighbour is sent at most four haves of a segment', () => {
    lab = new SwarmLab({ seed: 15, source: { segmentBytes: 900_000 }, origin: { kbpsPerClient: 20_000 } });
    lab.joinMany(6, 700, { uplinkKbps: 20_000 });
    lab.run(20_000);
    const haves = lab.trace.lines(/ > send peer="v02" .*\[have 1\/0badcafe\/1[2-5] /, 10_000);
    const times = new Map<string, number>();
    for (const line of haves) {
      const about = /(v\d\d) > send .*\[have (\S+)/.exec(line);
      const key = `${about?.[1]} ${about?.[2]}`;
      times.set(key, (times.get(key) ?? 0) + 1);
    }
    expect(times.size).toBeGreaterThan(4);
    expect(Math.max(...times.values())).toBeLessThanOrEqual(4);
  });

  it('B4: a viewer that fetches in place of an injector says so, and the others do not fetch too', () => {
    lab = new SwarmLab({ seed: 16 });
    lab.join({ serving: 'silent' });
    lab.joinMany(5, 500);
    lab.run(20_000);
    expect(lab.trace.lines(/ > send .*\[fetching /).length).toBeGreaterThan(0);
    expect(lab.figures.originBytes).toBeLessThan(3.5 * lab.figures.publishedBytes);
  });

  it('B5: pieces that a silent neighbour owes are requested elsewhere, and its link is closed', () => {
    lab = new SwarmLab({ seed: 17 });
    lab.join({ serving: 'silent' });
    lab.joinMany(3, 500);
    lab.run(40_000);
    const dropped = ids(lab.trace.lines(/ > hang-up peer="v01" why="silent"/), / (v\d\d) >/);
    expect(new Set(dropped).size).toBeGreaterThanOrEqual(2);
    expect(lab.figures.stalls).toBe(0);
  });

  it('B6: nothing is requested from a viewer that offered nothing', () => {
    lab = new SwarmLab({ seed: 18 });
    lab.join({ uploads: false });
    lab.joinMany(3, 500);
    lab.run(20_000);
    expect(lab.trace.lines(/ > send peer="v01" .*\[request /)).toEqual([]);
    expect(lab.trace.lines(/v01 > send .*\[request /).length).toBeGreaterThan(5);
  });

  it('B7: a piece that cannot leave in time under the upload cap is answered busy', () => {
    lab = new SwarmLab({ seed: 19, policy: { uploadLimitKbps: 60 } });
    lab.joinMany(6, 500);
    lab.run(30_000);
    expect(lab.trace.lines(/ busy\]/).length).toBeGreaterThan(0);
    expect(lab.figures.stalls).toBe(0);
  });

  it('B8: a piece that arrives after its cancel is accepted and ends no link', () => {
    lab = new SwarmLab({ seed: 22 });
    lab.joinMany(2, 1000, { uplinkKbps: 200 });
    lab.joinMany(3, 1000);
    lab.run(30_000);
    expect(lab.trace.lines(/ > send .*\[cancel /).length).toBeGreaterThan(0);
    expect(lab.figures.spareBytes).toBeGreaterThan(0);
    expect(lab.trace.lines(/hang-up/)).toEqual([]);
  });

  it('B9: the second corrupt piece ends the link, and both are reported', () => {
    lab = new SwarmLab({ seed: 21 });
    lab.join({ serving: 'polluting' });
    lab.join();
    lab.run(500);
    // The tracker would end the link at the first report (S9).
    lab.trackerSilent(19_500);
    lab.run(19_500);
    const bad = lab.trace.lines(/v02 < piece-arrived .*"bad"/);
    const reports = lab.trace.lines(/v02 > report-pollution/);
    expect(reports).toHaveLength(2);
    expect(bad.length).toBeGreaterThanOrEqual(2);
    expect(lab.trace.lines(/v02 > hang-up peer="v01" why="pollution"/)).toHaveLength(1);
    lab.run(40_000);
    expect(lab.viewers[1]?.brain.neighbours).toEqual([]);
    expect(lab.figures.stalls).toBe(0);
  });

  it('B12: a link is handed at most two pieces at a time', () => {
    lab = new SwarmLab({ seed: 22, source: { segmentBytes: 400_000 } });
    lab.joinMany(2, 500, { uplinkKbps: 2500 });
    lab.run(20_000);
    let most = 0;
    let leaving = 0;
    for (const line of lab.trace.lines(/v01 (> send-piece peer="v02"|< piece-sent peer="v02")/, 10_000)) {
      leaving += line.includes('send-piece') ? 1 : -1;
      most = Math.max(most, leaving);
    }
    expect(most).toBe(2);
  });

  it('B13: a viewer that leaves says bye, and nothing more is requested from it', () => {
    lab = new SwarmLab({ seed: 23 });
    const [first] = lab.joinMany(4, 500);
    lab.run(15_000);
    first?.leave();
    lab.run(500);
    expect(ids(lab.trace.lines(/ < frame peer="v01" bye/), / (v\d\d) </).sort()).toEqual([
      'v02',
      'v03',
      'v04',
    ]);
    const left = lab.clock.now;
    lab.run(20_000);
    const asked = lab.trace
      .lines(/ > send peer="v01"/, 10_000)
      .filter((line) => Number.parseFloat(line) > left);
    expect(asked).toEqual([]);
    expect(lab.figures.stalls).toBe(0);
  });
});
