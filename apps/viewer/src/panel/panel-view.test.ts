import type { Statistics } from '@freshet/client';
import { describe, expect, test } from 'vitest';
import { panelView } from './panel-view.ts';

const swarming: Statistics = {
  state: 'swarming',
  stateCode: 'joined',
  stateReason: 'Sharing with other viewers.',
  neighbours: 5,
  links: { direct: 3, reflexive: 1, relayed: 1, unknown: 0 },
  connectMs: 310,
  uploads: true,
  peerBytes: 7_800_000,
  originBytes: 2_200_000,
  uploadedBytes: 6_500_000,
  wastedBytes: 0,
  playedBytes: 9_900_000,
  offload: 0.7777,
  stalls: 0,
  startupMs: 420,
  latencySeconds: 6.14,
};

function view(changes: Partial<Statistics> = {}, giving = true): Record<string, unknown> {
  const made = panelView({ kind: 'swarm', statistics: { ...swarming, ...changes }, giving });
  return Object.fromEntries(
    Object.entries(made).map(([key, value]: [string, unknown]) => [
      key,
      typeof value === 'string' ? value.replaceAll('\u00a0', ' ') : value,
    ]),
  );
}

test('shows a swarming viewer’s figures in readable units', () => {
  expect(view()).toEqual({
    state: 'swarming',
    chip: '5 viewers · 77 %',
    headline: 'Connected to 5 viewers',
    reason: '',
    measured: true,
    carried: 0.7777,
    carriedText: '77 %',
    fromViewers: '7.8 MB',
    fromServer: '2.2 MB',
    given: '6.5 MB',
    behindLive: '6.1 s',
    links: '4 direct, 1 relayed',
    canGive: true,
    restraint: '',
  });
});

test('shows no share before the first byte', () => {
  expect(view({ peerBytes: 0, originBytes: 0, offload: 0, latencySeconds: undefined })).toMatchObject({
    carried: undefined,
    carriedText: '–',
    behindLive: '–',
  });
});

test('says that the viewer is alone, and shows no share in the chip', () => {
  expect(view({ neighbours: 0 })).toMatchObject({
    chip: 'No viewers yet',
    headline: 'No other viewers yet',
  });
});

test('shows only the kinds of links that exist', () => {
  const kinds = { direct: 0, reflexive: 0, relayed: 0, unknown: 0 };
  const links = (changes: object, neighbours: number) =>
    view({ neighbours, links: { ...kinds, ...changes } })['links'];
  expect(links({ direct: 1, reflexive: 1, unknown: 1 }, 3)).toBe('3 direct');
  expect(links({ relayed: 2 }, 2)).toBe('2 relayed');
  expect(links({}, 0)).toBe('–');
});

test('shows that the viewer is joining', () => {
  expect(view({ state: 'connecting' })).toMatchObject({ chip: 'Joining…', canGive: true, reason: '' });
});

describe('plain', () => {
  test('shows the reason and no switch', () => {
    const reason = 'This browser has no WebRTC.';
    expect(view({ state: 'plain', stateReason: reason, uploads: false })).toMatchObject({
      chip: 'Server only',
      reason,
      canGive: false,
      restraint: '',
    });
  });

  test('shows the same when the browser’s own player plays', () => {
    const native = panelView({ kind: 'native' });
    expect(native.reason).toMatch(/^This browser/);
    expect([native.canGive, native.measured]).toEqual([false, false]);
  });
});

test('explains uploads that the client has paused, but not a switch that is off', () => {
  expect(view({ uploads: false })['restraint']).toMatch(/data saver/);
  expect(view({ uploads: false }, false)['restraint']).toBe('');
});
