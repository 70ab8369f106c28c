import { LIMITS } from '@freshet/protocol';
import { expect, test } from 'vitest';
import { describeViewer, reportOf } from './viewer-report.ts';

const PEER = 'a'.repeat(16);
const core = {
  neighbours: [PEER],
  uploading: true,
  seeking: false,
  uplinkKbps: undefined,
  lateInjections: 2,
};
const followed = { renditions: ['0a0b0c0d'] };
const links = {
  kinds: { direct: 1, reflexive: 0, relayed: 0, unknown: 0 },
  dialled: { links: 1, ms: 300 },
};
const counters = { peerBytes: 1, originBytes: 2, uploadedBytes: 3, wastedBytes: 4, playedBytes: 5 };
const unknown = { meter: { stalls: 0, startupMs: undefined }, latencySeconds: undefined };

test('a report contains the fields of a join, and more', () => {
  const described = describeViewer(core, followed);
  expect(described).toEqual({
    neighbours: [PEER],
    renditions: ['0a0b0c0d'],
    uploads: true,
    cellular: false,
  });
  expect(reportOf(core, followed, links, counters, unknown)).toEqual({
    ...described,
    seeking: false,
    peerBytes: 1,
    originBytes: 2,
    uploadedBytes: 3,
    playedBytes: 5,
    stalls: 0,
    lateInjections: 2,
    links: links.kinds,
    dialled: links.dialled,
  });
});

test('rounds figures, and keeps them within the bounds of a report', () => {
  const fast = { ...core, uplinkKbps: LIMITS.uplinkKbps + 1 };
  const playback = { meter: { stalls: 1, startupMs: 132.4 }, latencySeconds: 6.87 };
  expect(reportOf(fast, followed, links, counters, playback)).toMatchObject({
    stalls: 1,
    startupMs: 132,
    latencyMs: 6900,
    uplinkKbps: LIMITS.uplinkKbps,
  });
  const ahead = { ...playback, latencySeconds: -0.4 };
  expect(reportOf(core, followed, links, counters, ahead)).toMatchObject({ latencyMs: 0 });
});
