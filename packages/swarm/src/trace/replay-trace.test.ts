import { DEFAULT_POLICY, PieceSet } from '@freshet/protocol';
import { describe, expect, it } from 'vitest';
import type { PeerEvent } from '../peer/api/peer-event.ts';
import { PeerCore } from '../peer/peer-core.ts';
import { TrackerCore } from '../tracker/tracker-core.ts';
import type { TrackerEvent } from '../tracker/api/tracker-event.ts';
import { replayTrace } from './replay-trace.ts';
import { TraceRecorder } from './trace-recorder.ts';

const SEGMENT = { epoch: 1, rendition: '0123abcd', msn: 1 };

const PEER_EVENTS: readonly PeerEvent[] = [
  { type: 'joined', self: 'ann' },
  { type: 'policy', policy: DEFAULT_POLICY },
  { type: 'following', renditions: [SEGMENT.rendition] },
  { type: 'playing' },
  { type: 'introduced', peer: 'ben', dial: true },
  { type: 'link-open', peer: 'ben' },
  { type: 'announced', notice: { segment: SEGMENT, bytes: 60_000, durationMs: 2000, injectors: [] } },
  {
    type: 'frame',
    peer: 'ben',
    frame: { type: 'have', segment: SEGMENT, pieces: PieceSet.full(4), backlogMs: 0 },
  },
  { type: 'want', want: 1, segment: SEGMENT, durationMs: 2000, deadline: Number.POSITIVE_INFINITY },
  { type: 'tick' },
];

function recordPeer(): { text: string; commands: number } {
  const options = { storeBytes: 2 ** 20, uploads: true };
  const core = new PeerCore(options, 100);
  const recorder = new TraceRecorder('peer', options, 100);
  let commands = 0;
  for (const [i, event] of PEER_EVENTS.entries()) {
    const now = 100 + i * 50.125;
    const decided = core.handle(event, now);
    commands += decided.length;
    recorder.step(event, now, decided);
  }
  return { text: recorder.text(), commands };
}

describe('a trace of PeerCore', () => {
  it('replays to the same commands', () => {
    const { text, commands } = recordPeer();
    expect(commands).toBeGreaterThan(2);
    const seen: string[] = [];
    const replay = replayTrace(text, ({ step }) => seen.push(step.event.type));
    expect(replay).toMatchObject({ steps: PEER_EVENTS.length, difference: undefined });
    expect(seen).toEqual(PEER_EVENTS.map(({ type }) => type));
  });

  it('stops at the first step that is decided otherwise', () => {
    const { text } = recordPeer();
    const changed = text.replace('"type":"dial","peer":"ben"', '"type":"dial","peer":"cem"');
    expect(changed).not.toBe(text);
    const seen: number[] = [];
    const { difference } = replayTrace(changed, ({ number }) => seen.push(number));
    expect(difference).toMatchObject({ number: seen.length });
    expect(difference?.decided).toContain('"dial","peer":"ben"');
    expect(difference?.step.commands).toContain('"dial","peer":"cem"');
    expect(seen.length).toBeLessThan(PEER_EVENTS.length);
  });

  it('shows its steps without deciding anything when the beginning is missing', () => {
    const text = recordPeer().text.replace('"dropped":0', '"dropped":3');
    const decided: unknown[] = [];
    const { difference } = replayTrace(text, (step) => decided.push(step.decided));
    expect(difference).toBeUndefined();
    expect(decided).toEqual(PEER_EVENTS.map(() => undefined));
  });
});

it('a trace of TrackerCore replays to the same commands', () => {
  const options = { seed: 7, maxNeighbours: 4 };
  const core = new TrackerCore(options);
  const recorder = new TraceRecorder('tracker', options, 0);
  const join = (peer: string): TrackerEvent => ({
    ...{ type: 'peer-joined', peer, neighbours: [], renditions: [SEGMENT.rendition], uploads: true },
  });
  const published: TrackerEvent = {
    type: 'segment-published',
    segment: SEGMENT,
    bytes: 60_000,
    durationMs: 2000,
  };
  let commands = 0;
  for (const event of [...['ann', 'ben', 'cem'].map(join), published, { type: 'tick' } as const]) {
    const decided = core.handle(event, 1000);
    commands += decided.length;
    recorder.step(event, 1000, decided);
  }
  expect(commands).toBeGreaterThan(3);
  expect(replayTrace(recorder.text())).toMatchObject({ steps: 5, difference: undefined });
});

it.each([
  ['', /Line 1 is not JSON/],
  ['{"format":"other"}', /Line 1 is not the header/],
  ['null', /Line 1 is not the header/],
  ['{"format":"freshet-trace","version":2,"core":"peer"}', /another version/],
  [
    '{"format":"freshet-trace","version":1,"core":"peer","options":{},"startedAt":0,"dropped":0}\n[1',
    /Line 2 is not JSON/,
  ],
  [
    '{"format":"freshet-trace","version":1,"core":"peer","options":{},"startedAt":0,"dropped":0}\n[1,2,3]',
    /Line 2 is not a step/,
  ],
])('refuses %j with a sentence', (text, message) => {
  expect(() => replayTrace(text)).toThrow(message);
});
