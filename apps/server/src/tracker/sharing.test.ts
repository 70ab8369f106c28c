import { DEFAULT_SHARING, type Sharing } from '@freshet/api';
import { DEFAULT_POLICY } from '@freshet/protocol';
import { expect, test } from 'vitest';
import { groupOf, policyFor } from './sharing.ts';

const draws = Array.from({ length: 10_000 }, (_, draw) => draw);
const groups = (sharing: Partial<Sharing>, stream = 'live') =>
  draws.map((draw) => groupOf({ ...DEFAULT_SHARING, ...sharing }, stream, draw));
const share = (list: readonly string[], group: string) =>
  list.filter((one) => one === group).length / list.length;

test('everybody shares unless the broadcaster says otherwise', () => {
  expect(new Set(groups({}))).toEqual(new Set(['sharing']));
});

test('so many percent are held out, and of the others so many percent share', () => {
  const drawn = groups({ holdOutPercent: 10, rampPercent: 25 });
  expect(share(drawn, 'held-out')).toBeCloseTo(0.1, 1);
  expect(share(drawn, 'sharing')).toBeCloseTo(0.225, 1);
  expect(share(drawn, 'waiting')).toBeCloseTo(0.675, 1);
});

test('a higher ramp only adds viewers, and moves nobody in or out of those held out', () => {
  const [low, high] = [
    groups({ holdOutPercent: 10, rampPercent: 25 }),
    groups({ holdOutPercent: 10, rampPercent: 60 }),
  ];
  for (const draw of draws) {
    if (low[draw] === 'sharing') expect(high[draw]).toBe('sharing');
    expect(high[draw] === 'held-out').toBe(low[draw] === 'held-out');
  }
});

test('another stream draws anew', () => {
  expect(groups({ holdOutPercent: 50 })).not.toEqual(groups({ holdOutPercent: 50 }, 'other'));
});

const server = { ...DEFAULT_POLICY, uploadLimitKbps: 1000, uploadBudgetMb: 100 };
test.each([
  ['as it is', {}, 'sharing', { mode: 'full', uploadLimitKbps: 1000, uploadBudgetMb: 100 }],
  ['switched off', { mode: 'off' }, 'sharing', { mode: 'off' }],
  ['held out', {}, 'held-out', { mode: 'off' }],
  ['not yet reached', {}, 'waiting', { mode: 'off' }],
  ['download only', { mode: 'download-only' }, 'sharing', { mode: 'full', uploadLimitKbps: 0 }],
  [
    'stricter',
    { uploadLimitKbps: 500, uploadBudgetMb: 50 },
    'sharing',
    { uploadLimitKbps: 500, uploadBudgetMb: 50 },
  ],
  [
    'never laxer',
    { uploadLimitKbps: 5000, uploadBudgetMb: 500 },
    'sharing',
    { uploadLimitKbps: 1000, uploadBudgetMb: 100 },
  ],
] as const)('the policy of a viewer: %s', (_what, change, group, expected) => {
  const standing = { group, cellular: false };
  expect(policyFor(server, { ...DEFAULT_SHARING, ...change }, standing)).toMatchObject(expected);
});

test('who rehearses takes part, whatever the ramp, and stops with all others', () => {
  const standing = { group: 'rehearsing', cellular: false } as const;
  expect(policyFor(server, { ...DEFAULT_SHARING, rampPercent: 0 }, standing).mode).toBe('full');
  expect(policyFor(server, { ...DEFAULT_SHARING, mode: 'off' }, standing).mode).toBe('off');
});

test('on cellular networks sharing can be switched off, for those who are on one', () => {
  const mode = (cellular: boolean, change: Partial<Sharing> = {}) =>
    policyFor(server, { ...DEFAULT_SHARING, ...change }, { group: 'sharing', cellular }).mode;
  expect(mode(true)).toBe('full');
  expect(mode(true, { cellular: 'off' })).toBe('off');
  expect(mode(false, { cellular: 'off' })).toBe('full');
});
