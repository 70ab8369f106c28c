import { beforeEach, describe, expect, it } from 'vitest';
import { HLS_JS, PlayerModel, type SourceSegment, VirtualClock } from '@freshet/simulator';
import { seededRandom } from '@freshet/swarm';
import { LabSource, SMALL_SOURCE } from '../source/lab-source.ts';

interface Asked {
  readonly want: number;
  readonly segment: SourceSegment;
  readonly inMs: number;
}

let clock: VirtualClock;
let source: LabSource;
let player: PlayerModel;
let asked: Asked[];
let withdrawn: number[];

/** The test answers the player's requests itself. The player knows each new playlist at once. */
beforeEach(() => {
  clock = new VirtualClock();
  source = new LabSource(clock, seededRandom(1), SMALL_SOURCE);
  asked = [];
  withdrawn = [];
  player = new PlayerModel(clock, HLS_JS, {
    want: (want, segment, deadline) => asked.push({ want, segment, inMs: deadline - clock.now }),
    unwant: (want) => withdrawn.push(want),
  });
  source.start(() => {
    player.learn(source.window);
  });
});

function pass(ms: number): void {
  clock.runUntil(clock.now + ms);
}
function last(): Asked {
  const ask = asked.at(-1);
  if (ask === undefined) throw new Error('nothing was asked for');
  return ask;
}
/** Answers the last request after a time. */
function serve(afterMs: number): void {
  const { want } = last();
  pass(afterMs);
  player.delivered(want);
  pass(HLS_JS.turnaroundMs);
}

describe('a player', () => {
  it('starts three segments behind the edge, and requests one at a time', () => {
    player.learn(source.window);
    expect(asked.map(({ segment, inMs }) => [segment.id.msn, inMs])).toEqual([[7, 0]]);
    pass(1000);
    expect(asked).toHaveLength(1);
    expect(player.isPlaying).toBe(false);
    serve(0);
    expect(player.isPlaying).toBe(true);
    expect(player.startedAt).toBe(1000);
    expect(last()).toMatchObject({ segment: { id: { msn: 8 } }, inMs: 2000 - HLS_JS.turnaroundMs });
  });

  it('requests segments up to the live edge and waits there for the next', () => {
    player.learn(source.window);
    for (let i = 0; i < 3; i++) serve(10);
    expect(asked.map(({ segment }) => segment.id.msn)).toEqual([7, 8, 9]);
    expect(player.latencyMs).toBeCloseTo(6000 - (clock.now - (player.startedAt ?? 0)));
    pass(2000 - clock.now);
    expect(last().segment.id.msn).toBe(10);
  });

  it('counts a stall when its buffer is empty, and resumes where it stopped at the next delivery', () => {
    player.learn(source.window);
    serve(0);
    pass(2500);
    expect([player.stalls, player.isPlaying, player.aheadMs]).toEqual([1, false, 0]);
    const at = player.position;
    serve(0);
    expect(player.stalledMs).toBeCloseTo(500 + HLS_JS.turnaroundMs);
    expect(player.position).toBeCloseTo(at + HLS_JS.turnaroundMs);
    expect(last().inMs).toBeCloseTo(2000 - HLS_JS.turnaroundMs);
    expect(player.stalls).toBe(1);
  });

  it('requests the segment again some time after a failure', () => {
    player.learn(source.window);
    player.failed(last().want);
    expect(asked).toHaveLength(1);
    pass(HLS_JS.retryMs);
    expect(asked).toHaveLength(2);
    expect(asked[1]?.segment).toBe(asked[0]?.segment);
    expect(player.failures).toBe(1);
  });

  it('jumps to the edge when the next segment has left the playlist', () => {
    player.learn(source.window);
    serve(0);
    const { want } = last();
    pass(40_000);
    player.failed(want);
    pass(HLS_JS.retryMs);
    expect(last().segment.startMs).toBeGreaterThan(20_000);
    serve(0);
    expect([player.skips, player.isPlaying]).toEqual([1, true]);
    expect(player.latencyMs).toBeLessThan(8100);
  });

  it('continues along the timeline when a new epoch renumbers the segments', () => {
    player.learn(source.window);
    for (let i = 0; i < 3; i++) serve(10);
    source.pause();
    pass(3000);
    source.resume();
    const next = last().segment;
    expect([next.id.epoch, next.startMs]).toEqual([2, 0]);
    expect(player.skips).toBe(0);
  });

  it('withdraws its request when it restarts loading', () => {
    player.learn(source.window);
    const { want } = last();
    player.restartLoading();
    expect(withdrawn).toEqual([want]);
    pass(HLS_JS.turnaroundMs);
    expect(last().want).not.toBe(want);
    player.delivered(want);
    expect(player.bufferedBytes).toBe(0);
  });

  it('requests nothing while enough is buffered', () => {
    player = new PlayerModel(
      clock,
      { ...HLS_JS, bufferMs: 3000 },
      {
        want: (want, segment, deadline) => asked.push({ want, segment, inMs: deadline - clock.now }),
        unwant: () => undefined,
      },
    );
    player.learn(source.window);
    serve(0);
    serve(0);
    expect(asked).toHaveLength(2);
    pass(1200);
    expect(asked).toHaveLength(3);
  });

  it('stops for good', () => {
    player.learn(source.window);
    serve(0);
    player.stop();
    const { position } = player;
    pass(10_000);
    expect([player.position, player.stalls, asked.length]).toEqual([position, 0, 2]);
  });
});
