import { expect, test } from 'vitest';
import type { FreshetState } from '../api.ts';
import { type ConnectionEvent, nextConnectionState } from './connection-state.ts';

/** Every cell of the table, with `full` as the event's reason. */
const CELLS: Readonly<Record<ConnectionEvent, Readonly<Record<FreshetState, string>>>> = {
  join: {
    plain: 'connecting joining',
    connecting: 'connecting joining',
    swarming: 'connecting joining',
  },
  'sharing-on': {
    plain: 'swarming joined',
    connecting: 'swarming joined',
    swarming: 'swarming joined',
  },
  'sharing-off': {
    plain: 'plain full',
    connecting: 'plain full',
    swarming: 'plain full',
  },
  'tracker-lost': {
    plain: 'nothing',
    connecting: 'connecting tracker-unreachable',
    swarming: 'swarming tracker-lost',
  },
  refused: {
    plain: 'plain full',
    connecting: 'plain full',
    swarming: 'plain full',
  },
  'refused-while-linked': {
    plain: 'swarming tracker-lost',
    connecting: 'swarming tracker-lost',
    swarming: 'swarming tracker-lost',
  },
  'given-up': {
    plain: 'plain full',
    connecting: 'plain full',
    swarming: 'plain full',
  },
};

const cells = Object.entries(CELLS).flatMap(([event, row]) =>
  Object.entries(row).map(([from, to]) => [event as ConnectionEvent, from as FreshetState, to] as const),
);

test.each(cells)('%s in %s: %s', (event, from, to) => {
  const next = nextConnectionState(from, event, 'full');
  expect(next === undefined ? 'nothing' : next.join(' ')).toBe(to);
});

test('sharing that is switched off without a reason counts as switched off by the policy', () => {
  expect(nextConnectionState('swarming', 'sharing-off')).toEqual(['plain', 'policy']);
});
