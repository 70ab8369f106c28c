import { expect, test } from 'vitest';
import { kindOf, programUse, type ProgramTimes } from './programs.ts';

function times(
  processes: Readonly<Record<string, readonly [string, number]>>,
  threads: Readonly<Record<string, readonly [number, number]>>,
): ProgramTimes {
  return {
    processes: new Map(Object.entries(processes).map(([pid, [kind, ms]]) => [pid, { kind, ms }])),
    threads: new Map(
      Object.entries(threads).map(([thread, [waitedMs, turns]]) => [thread, { waitedMs, turns }]),
    ),
  };
}

test('sums programs by kind, with those that started meanwhile and without idle ones', () => {
  const before = times({ 1: ['renderer', 100], 2: ['carrier', 50], 3: ['idle', 7] }, { 1: [10, 5] });
  const after = times(
    { 1: ['renderer', 300], 2: ['carrier', 450], 3: ['idle', 7], 4: ['renderer', 60] },
    { 1: [16, 8], 4: [3, 6] },
  );
  const use = programUse(before, after);
  expect(use).toEqual({ msByKind: { carrier: 400, renderer: 260 }, ms: 660, waitMs: 1 });
  expect(Object.keys(use.msByKind)).toEqual(['carrier', 'renderer']);
});

test('tells processes of one program apart by their role', () => {
  const chromium = '/usr/lib/chromium/chromium-headless-shell';
  expect(kindOf('chromium-headle', [chromium, '--headless'])).toBe('browser');
  expect(kindOf('chromium-headle', [chromium, '--type=renderer'])).toBe('renderer');
  expect(
    kindOf('chromium-headle', [
      chromium,
      '--type=utility',
      '--utility-sub-type=network.mojom.NetworkService',
    ]),
  ).toBe('network');
  expect(kindOf('node', ['node', '--import', 'tsx', 'e2e/lab/lab.ts', '--call'])).toBe('lab');
  expect(kindOf('node', ['node', '/x/apps/server/dist/main.js'])).toBe('server');
  expect(kindOf('carrier', ['/run/lab/carrier', '1'])).toBe('carrier');
});
