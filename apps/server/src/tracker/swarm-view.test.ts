import type { Report } from '@freshet/protocol';
import { beforeEach, expect, test } from 'vitest';
import { SwarmView } from './swarm-view.ts';

const report: Report = {
  ...{ neighbours: [], renditions: [], uploads: true, seeking: false },
  ...{ peerBytes: 0, originBytes: 0, uploadedBytes: 0, stalls: 0 },
};
const [anna, bert, carl] = ['a', 'b', 'c'].map((letter) => letter.repeat(16)) as [string, string, string];

let now: number;
let view: SwarmView;
beforeEach(() => {
  now = 0;
  view = new SwarmView(() => now);
});

/** Joins Bert, who gives Anna what she says she got. */
function feed(bytes: number): void {
  view.joined(bert, 'sharing', { bytes: 1e9, seconds: 1 });
  view.reported(bert, { ...report, neighbours: [anna], uploadedBytes: bytes });
}

test('adds up how much counters grew since the last report', () => {
  view.joined(anna, 'sharing', { bytes: 1e9, seconds: 1 });
  now = 10_000;
  feed(1e6);
  view.reported(anna, { ...report, neighbours: [bert], peerBytes: 1000, stalls: 1 });
  view.reported(anna, { ...report, neighbours: [bert], peerBytes: 3000, stalls: 1 });
  view.reported('x'.repeat(16), { ...report, peerBytes: 5000 });
  expect(view.totals).toEqual({ peerBytes: 3000, savedBytes: 3000, stalls: 1 });
});

test('a reloaded page counts from 0, and a report adds a bounded number of bytes', () => {
  view.joined(anna, 'sharing', { bytes: 1e9, seconds: 1 });
  now = 10_000;
  feed(1e15);
  view.reported(anna, { ...report, neighbours: [bert], peerBytes: 3000 });
  view.reported(anna, { ...report, neighbours: [bert], peerBytes: 500 });
  expect(view.totals.peerBytes).toBe(3500);
  view.reported(anna, { ...report, neighbours: [bert], peerBytes: 1e15 });
  expect(view.totals.peerBytes).toBe(64e6);
});

test('stalls count up to one in five seconds, in the sum and in the group', () => {
  view.joined(anna, 'sharing');
  now = 60_000;
  view.reported(anna, { ...report, stalls: 1e6 });
  view.reported(anna, { ...report, stalls: 2e6 });
  expect(view.totals.stalls).toBe(13);
  expect(view.groups().sharing).toMatchObject({ stallsPerHour: 13 * 60 });
});

test('compares the groups by the viewers connected now and those who left', () => {
  for (const [peer, group, startupMs] of [
    [anna, 'sharing', 300],
    [bert, 'sharing', 500],
    [carl, 'held-out', 200],
  ] as const) {
    view.joined(peer, group);
    view.reported(peer, { ...report, startupMs, latencyMs: 7000, playedBytes: 0 });
  }
  now = 3600_000;
  view.reported(anna, { ...report, startupMs: 300, latencyMs: 8000, playedBytes: 450e6, stalls: 2 });
  view.left(anna);
  const { sharing, 'held-out': heldOut, waiting } = view.groups();
  expect(sharing).toMatchObject({ viewers: 1, counted: 2, medianStartupMs: 500, medianKbps: 1000 });
  expect(sharing).toMatchObject({ stallsPerHour: 1, shareWithStall: 0.5 });
  expect(heldOut).toMatchObject({ viewers: 1, counted: 1, medianStartupMs: 200, stallsPerHour: 0 });
  expect(waiting).toMatchObject({
    viewers: 0,
    counted: 0,
    medianStartupMs: undefined,
    stallsPerHour: undefined,
  });
});

test('estimates from reports which viewers upload to which, by number', () => {
  for (const peer of [anna, bert, carl]) view.joined(peer, 'sharing');
  now = 5000;
  view.injects(anna);
  view.reported(anna, { ...report, neighbours: [carl], uploadedBytes: 3_000_000 });
  view.reported(bert, { ...report, neighbours: [carl], uploadedBytes: 1_000_000 });
  view.reported(carl, { ...report, neighbours: [anna, bert], peerBytes: 2_000_000 });
  const { viewers, links } = view.snapshot(10);
  expect(viewers.map(({ givenKbps, takenKbps, injector }) => [givenKbps, takenKbps, injector])).toEqual([
    [4800, 0, true],
    [1600, 0, false],
    [0, 3200, false],
  ]);
  expect(links).toContainEqual({ from: 0, to: 2, kbps: 2400 });
  expect(links).toContainEqual({ from: 1, to: 2, kbps: 800 });
  expect(JSON.stringify(viewers)).not.toContain(anna);
  expect(view.snapshot(1)).toMatchObject({ viewers: [{ number: 0 }], links: [] });
  now = 20_000;
  expect(view.snapshot(1).viewers[0]).toMatchObject({ givenKbps: 0, injector: false });
});

test('C5: shows links by kind, and the mean time to connect of those that a viewer dialled', () => {
  const times: number[] = [];
  view = new SwarmView(
    () => now,
    (ms) => times.push(ms),
  );
  for (const peer of [anna, bert]) view.joined(peer, 'sharing');
  const links = { direct: 2, reflexive: 0, relayed: 1, unknown: 0 };
  view.reported(anna, { ...report, links, dialled: { links: 0, ms: 0 } });
  view.reported(anna, { ...report, links, dialled: { links: 2, ms: 800 } });
  view.reported(bert, { ...report, neighbours: [anna] });
  expect(view.links).toEqual({ ...links, unknown: 1 });
  expect(view.snapshot(2).viewers).toMatchObject([
    { links, connectMs: 400 },
    { links: { direct: 0, unknown: 1 }, connectMs: undefined },
  ]);
  expect(times).toEqual([400, 400]);
  view.left(anna);
  expect(view.links).toMatchObject({ direct: 0, unknown: 1 });
});

test('bytes of rehearsals are not saved', () => {
  for (const [peer, group] of [
    [anna, 'rehearsing'],
    [bert, 'sharing'],
    [carl, 'sharing'],
  ] as const)
    view.joined(peer, group, { bytes: 1e6, seconds: 1 });
  now = 10_000;
  view.reported(carl, { ...report, neighbours: [anna, bert], uploadedBytes: 5000 });
  view.reported(anna, { ...report, neighbours: [carl], peerBytes: 3000 });
  view.reported(bert, { ...report, neighbours: [carl], peerBytes: 500 });
  expect(view.totals).toMatchObject({ peerBytes: 3500, savedBytes: 500 });
});

test('viewers who left an earlier rehearsal are dropped', () => {
  view.joined(anna, 'rehearsing');
  view.left(anna);
  view.joined(bert, 'sharing');
  expect(view.experiences('rehearsing')).toHaveLength(1);
  view.forgetLeft('rehearsing');
  expect(view.experiences('rehearsing')).toEqual([]);
  expect(view.experiences('sharing')).toHaveLength(1);
});
