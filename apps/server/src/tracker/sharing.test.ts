import { DEFAULT_SHARING, type Sharing } from '@freshet/api';
import { DEFAULT_POLICY } from '@freshet/protocol';
import { expect, test } from 'vitest';
import { groupOf, policyFor } from './sharing.ts';

const draws = Array.from({ length: 10_000 }, (_, draw) => draw);
const groups = (sharing: Partial<Sharing>, stream = 'live') =>
  draws.map((draw) => groupOf({ ...DEFAULT_SHARING, ...sharing }, stream, draw));
const share = (list: readonly string[], group: string) =>
  list.filter((one) => one === group).length / list.length;

test('all viewers share by default', () => {
  expect(new Set(groups({}))).toEqual(new Set(['sharing']));
});

test('the given percentage is held out, and the given percentage of the others shares', () => {
  const drawn = groups({ holdOutPercent: 10, rampPercent: 25 });
  expect(share(drawn, 'held-out')).toBeCloseTo(0.1, 1);
  expect(share(drawn, 'sharing')).toBeCloseTo(0.225, 1);
  expect(share(drawn, 'waiting')).toBeCloseTo(0.675, 1);
});

test('a higher ramp only adds viewers, and leaves the held-out group unchanged', () => {
  const [low, high] = [
    groups({ holdOutPercent: 10, rampPercent: 25 }),
    groups({ holdOutPercent: 10, rampPercent: 60 }),
  ];
  for (const draw of draws) {
    if (low[draw] === 'sharing') expect(high[draw]).toBe('sharing');
    expect(high[draw] === 'held-out').toBe(low[draw] === 'held-out');
  }
});

test('another stream draws its own groups', () => {
  expect(groups({ holdOutPercent: 50 })).not.toEqual(groups({ holdOutPercent: 50 }, 'other'));
});

const server = { ...DEFAULT_POLICY, uploadLimitKbps: 1000, uploadBudgetMb: 100 };
test.each([
  ['unchanged', {}, 'sharing', { mode: 'full', uploadLimitKbps: 1000, uploadBudgetMb: 100 }],
  ['switched off', { mode: 'off' }, 'sharing', { mode: 'off' }],
  ['relayed only', { paths: 'relay-only' }, 'sharing', { mode: 'relay-only' }],
  ['relayed only, and off', { paths: 'relay-only', mode: 'off' }, 'sharing', { mode: 'off' }],
  ['held out', {}, 'held-out', { mode: 'off' }],
  ['not yet reached by the ramp', {}, 'waiting', { mode: 'off' }],
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

test('rehearsing viewers share at any ramp, and stop with all others', () => {
  const standing = { group: 'rehearsing', cellular: false } as const;
  expect(policyFor(server, { ...DEFAULT_SHARING, rampPercent: 0 }, standing).mode).toBe('full');
  expect(policyFor(server, { ...DEFAULT_SHARING, mode: 'off' }, standing).mode).toBe('off');
});

test('sharing can be switched off for viewers on cellular networks', () => {
  const mode = (cellular: boolean, change: Partial<Sharing> = {}) =>
    policyFor(server, { ...DEFAULT_SHARING, ...change }, { group: 'sharing', cellular }).mode;
  expect(mode(true)).toBe('full');
  expect(mode(true, { cellular: 'off' })).toBe('off');
  expect(mode(false, { cellular: 'off' })).toBe('full');
});
