import { pieceCount, PieceSet, type SegmentId } from '@freshet/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { PROBE_MS } from './origin/origin-planner.ts';
import type { PeerCommand } from './api/peer-command.ts';
import { PeerCore } from './peer-core.ts';
import type { PeerEvent } from './api/peer-event.ts';

const [LOW, HIGH] = ['0123abcd', '4567cdef'];
const BYTES = 110_000;
const COUNT = pieceCount(BYTES);
const at = (msn: number, rendition = LOW): SegmentId => ({ epoch: 7, rendition, msn });

let core: PeerCore;
let now: number;

const tell = (event: PeerEvent) => core.handle(event, now);
const follow = (...renditions: string[]) => tell({ type: 'following', renditions });
const fetches = (commands: readonly PeerCommand[]) =>
  commands.flatMap((command) => (command.type === 'fetch' ? [command] : []));
const aborts = (commands: readonly PeerCommand[]) =>
  commands.flatMap((command) => (command.type === 'abort-fetch' ? [command.fetch] : []));
const arrive = (msn: number, piece: number) =>
  tell({ type: 'piece-arrived', peer: 'ann', segment: `7/${LOW}/${msn}`, piece, verdict: 'good' });
const end = (fetch: number, outcome: 'ok' | 'aborted' = 'ok') =>
  tell({ type: 'origin-ended', fetch, outcome, bytes: 16_384, ttfbMs: 20, elapsedMs: 30 });

/** Announces a segment that a neighbour has whole, and requests it long before it is due. */
function play(msn: number, mayClimb: boolean, bytes = BYTES): readonly PeerCommand[] {
  const segment = at(msn);
  const count = pieceCount(bytes);
  return [
    ...tell({ type: 'announced', notice: { segment, bytes, durationMs: 2000, injectors: [] } }),
    ...tell({
      type: 'frame',
      peer: 'ann',
      frame: { type: 'have', segment, pieces: PieceSet.full(count), backlogMs: 0 },
    }),
    ...tell({ type: 'want', want: msn, segment, durationMs: 2000, deadline: now + 20_000, mayClimb }),
  ];
}

/** The neighbour delivers all of it. */
function bring(msn: number): readonly PeerCommand[] {
  return Array.from({ length: COUNT }, (_, piece) => arrive(msn, piece)).flat();
}

beforeEach(() => {
  now = 10_000;
  core = new PeerCore({ storeBytes: 64 * 2 ** 20, uploads: true }, now);
  follow(LOW);
  tell({ type: 'joined', self: 'me' });
  tell({ type: 'playing' });
  tell({ type: 'introduced', peer: 'ann', dial: true });
  tell({ type: 'link-open', peer: 'ann' });
});

describe('a viewer that may climb and gets everything from neighbours', () => {
  it('fetches one piece from the origin every 5 seconds to measure its rate', () => {
    let taken = 0;
    for (let msn = 1; msn <= 30; msn++, now += 2000) {
      const started = fetches([...play(msn, true), ...bring(msn)]);
      for (const { fetch, span } of started) {
        expect(span?.first).toBe(span?.last);
        end(fetch);
      }
      taken += started.length;
    }
    // Every third segment of 2 seconds has a probe, from the fourth on.
    expect(taken).toBe(9);
  });

  it('announces the probe to neighbours, and chooses a full piece that is not requested', () => {
    now += PROBE_MS;
    tell({ type: 'announced', notice: { segment: at(1), bytes: BYTES, durationMs: 2000, injectors: [] } });
    const asked = PieceSet.of(COUNT, [0, 1, 2]);
    tell({
      type: 'frame',
      peer: 'ann',
      frame: { type: 'have', segment: at(1), pieces: asked, backlogMs: 0 },
    });
    const commands = tell({
      type: 'want',
      want: 1,
      segment: at(1),
      durationMs: 2000,
      deadline: now + 20_000,
      mayClimb: true,
    });
    expect(fetches(commands)).toMatchObject([{ span: { first: 3, last: 3 } }]);
    expect(commands).toContainEqual({
      type: 'send',
      peer: 'ann',
      frame: { type: 'fetching', segment: at(1), pieces: PieceSet.of(COUNT, [3]) },
    });
  });

  it('does not abort the probe when a neighbour delivers the piece first', () => {
    now += PROBE_MS;
    const [probe] = fetches(play(1, true));
    expect(probe?.span).toEqual({ first: 0, last: 0 });
    expect(aborts(bring(1))).toEqual([]);
  });

  it('waits again after any other transfer from the origin', () => {
    now += PROBE_MS - 1;
    const [segment, durationMs] = [at(1), 2000];
    const injectors = [{ peer: 'me', first: 0, count: 1 }];
    const started = fetches([
      ...tell({ type: 'announced', notice: { segment, bytes: BYTES, durationMs, injectors } }),
      ...tell({ type: 'want', want: 1, segment, durationMs, deadline: now + 20_000, mayClimb: true }),
    ]);
    expect(started).toHaveLength(1);
    now += 100;
    const fetch = started[0]?.fetch ?? 0;
    tell({ type: 'origin-piece', fetch, piece: 0 });
    end(fetch);
    bring(1);
    now += PROBE_MS - 1;
    expect(fetches(play(2, true))).toEqual([]);
    bring(2);
    now += 1;
    expect(fetches(play(3, true))).toHaveLength(1);
  });

  it('does not probe with a piece that is too small to measure anything', () => {
    now += PROBE_MS;
    expect(fetches(play(1, true, 9000))).toEqual([]);
    expect(fetches(play(2, true, 17_000))).toMatchObject([{ span: { first: 0, last: 0 } }]);
  });

  it('does not probe on the highest level, however long neighbours deliver everything', () => {
    now += 10 * PROBE_MS;
    expect(fetches([...play(1, false), ...bring(1)])).toEqual([]);
  });
});

describe('the player leaves a level', () => {
  it('has the transfers of that level aborted, except those of segments that it waits for', () => {
    tell({ type: 'link-closed', peer: 'ann' });
    now += 60_000;
    const injectors = [{ peer: 'me', first: 0, count: COUNT }];
    const started = fetches([
      ...tell({ type: 'want', want: 1, segment: at(1), durationMs: 2000, deadline: now + 9000 }),
      ...tell({ type: 'announced', notice: { segment: at(1), bytes: BYTES, durationMs: 2000, injectors } }),
      ...tell({ type: 'announced', notice: { segment: at(2), bytes: BYTES, durationMs: 2000, injectors } }),
    ]);
    const ahead = started.filter(({ segment }) => segment.msn === 2).map(({ fetch }) => fetch);
    expect(ahead).not.toEqual([]);
    expect(aborts(follow(HIGH))).toEqual(ahead);
  });
});
