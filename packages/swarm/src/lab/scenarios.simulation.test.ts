import { figuresSince, type LabViewer, offload, originCopies, SwarmLab } from '@freshet/testkit';
import { afterEach, describe, expect, it } from 'vitest';

/** Every scenario runs under several seeds: a result that holds under one seed only is luck. */
const SEEDS = [1, 2];

let lab: SwarmLab;

/** In every scenario the rules held, and all segments that could be played were played. */
afterEach(() => {
  expect(lab.breaches()).toEqual([]);
});

function eightViewers(seed: number): readonly LabViewer[] {
  lab = new SwarmLab({ seed });
  return lab.joinMany(8, 1000);
}
const present = () => lab.viewers.filter((viewer) => !viewer.isGone);
const busiest = () => present().reduce((a, b) => (b.links.uploadedBytes > a.links.uploadedBytes ? b : a));
const stalls = () => lab.figures.stalls;

describe.each(SEEDS)('a swarm of eight (seed %i)', (seed) => {
  it('joins one second apart and then uses about one copy', () => {
    eightViewers(seed);
    lab.run(10_000);
    const settled = lab.figures;
    lab.run(60_000);
    const steady = figuresSince(settled, lab.figures);
    expect(originCopies(steady)).toBeLessThan(1.1);
    expect(offload(steady)).toBeGreaterThan(0.86);
    expect(offload(lab.figures)).toBeGreaterThan(0.82);
    expect(stalls()).toBe(0);
    // No later than a lone viewer: three segments behind the edge, and the age of the newest segment when it joined.
    for (const { player } of lab.viewers) expect(player.latencyMs).toBeLessThan(8200);
  });

  it('shares and does not stall when all join at once', () => {
    lab = new SwarmLab({ seed });
    lab.joinMany(8, 0);
    lab.run(60_000);
    expect(offload(lab.figures)).toBeGreaterThan(0.78);
    expect(stalls()).toBe(0);
  });

  it('does not stall while a viewer joins and another leaves or dies every four seconds', () => {
    eightViewers(seed);
    for (let i = 0; i < 15; i++) {
      lab.run(4000);
      const leaving = present()[i % 5];
      if (i % 2 === 0) leaving?.kill(3000);
      else leaving?.leave();
      lab.join();
    }
    lab.run(5000);
    expect(offload(lab.figures)).toBeGreaterThan(0.75);
    expect(stalls()).toBe(0);
  });

  it('does not stall when the busiest viewer dies, unnoticed for five seconds', () => {
    eightViewers(seed);
    for (let i = 0; i < 3; i++) {
      lab.run(7000);
      busiest().kill(5000);
    }
    lab.run(15_000);
    expect(stalls()).toBe(0);
    for (const { brain } of present()) expect(brain.neighbours).toHaveLength(4);
  });

  it('does not stall with two slow uploaders', () => {
    lab = new SwarmLab({ seed });
    lab.joinMany(2, 1000, { uplinkKbps: 60 });
    lab.run(1000);
    lab.joinMany(6, 1000);
    lab.run(60_000);
    expect(stalls()).toBe(0);
    expect(offload(lab.figures)).toBeGreaterThan(0.72);
  });

  it('does not stall on uplinks slower than the stream', () => {
    lab = new SwarmLab({ seed });
    lab.joinMany(8, 1000, { uplinkKbps: 300 });
    lab.run(60_000);
    expect(stalls()).toBe(0);
  });

  it('shares as much as an upload cap of two thirds of the bitrate allows', () => {
    lab = new SwarmLab({ seed, policy: { uploadLimitKbps: 300 } });
    lab.joinMany(8, 1000);
    lab.run(60_000);
    expect(stalls()).toBe(0);
    expect(offload(lab.figures)).toBeGreaterThan(0.5);
  });

  it('does not stall with a viewer that announces and never serves, and drops it', () => {
    lab = new SwarmLab({ seed });
    const silent = lab.join({ serving: 'silent' });
    lab.joinMany(7, 1000);
    lab.run(60_000);
    expect(stalls()).toBe(0);
    expect(silent.links.uploadedBytes).toBe(0);
    expect(lab.trace.lines(/hang-up peer="v01" why="silent"/).length).toBeGreaterThan(0);
    expect(offload(lab.figures)).toBeGreaterThan(0.7);
  });

  it('plays no piece of a polluter, and leaves it without neighbours', () => {
    lab = new SwarmLab({ seed });
    const polluter = lab.join({ serving: 'polluting', locality: '9/9' });
    const honest = Array.from({ length: 7 }, (_, i) => {
      lab.run(1000);
      return lab.join({ locality: `${i}/0` });
    });
    lab.run(40_000);
    for (const viewer of honest) {
      // The first report ends the link. Pieces under way may add one or two.
      expect(viewer.links.badBytes).toBeLessThanOrEqual(4 * 16_384);
      expect(viewer.brain.neighbours).not.toContain(polluter.id);
    }
    expect(polluter.brain.neighbours).toEqual([]);
    expect(stalls()).toBe(0);
  });

  it('plays plain HLS when no viewer may upload', () => {
    lab = new SwarmLab({ seed });
    lab.joinMany(8, 1000, { uploads: false });
    lab.run(60_000);
    expect(offload(lab.figures)).toBeCloseTo(0, 2);
    expect(stalls()).toBe(0);
  });

  it('supplies download-only viewers', () => {
    lab = new SwarmLab({ seed });
    lab.joinMany(4, 1000, { uploads: false });
    lab.run(1000);
    lab.joinMany(4, 1000);
    lab.run(60_000);
    expect(offload(lab.figures)).toBeGreaterThan(0.75);
    expect(stalls()).toBe(0);
  });
});

describe.each(SEEDS)('a swarm with server faults (seed %i)', (seed) => {
  it('keeps sharing while the tracker is silent, with piece lists from the origin, and afterwards', () => {
    eightViewers(seed);
    lab.run(12_000);
    lab.trackerSilent(30_000);
    lab.run(5000);
    const start = lab.figures;
    lab.run(20_000);
    expect(offload(figuresSince(start, lab.figures))).toBeGreaterThan(0.6);
    lab.run(15_000);
    const end = lab.figures;
    lab.run(20_000);
    expect(offload(figuresSince(end, lab.figures))).toBeGreaterThan(0.8);
    expect(stalls()).toBe(0);
  });

  it('plays from buffers and peers during an origin outage of four seconds', () => {
    eightViewers(seed);
    lab.run(20_000);
    lab.originOut(4000);
    lab.run(30_000);
    expect(stalls()).toBe(0);
  });

  it('stalls in a longer outage only for segments made during it', () => {
    eightViewers(seed);
    lab.run(20_000);
    const before = lab.clock.now;
    lab.originOut(9000);
    // All earlier segments are in buffers or in the swarm. They last for six seconds, less what was played of them.
    lab.run(4000);
    expect(stalls()).toBe(0);
    lab.run(30_000);
    for (const { player } of lab.viewers) {
      expect(player.isPlaying).toBe(true);
      expect(player.position).toBeGreaterThan(before + 9000);
    }
  });

  it('keeps its links over a server restart, and plays the new epoch without a stall', () => {
    eightViewers(seed);
    lab.run(20_000);
    lab.restartServer(3000);
    lab.run(2000);
    for (const { brain } of lab.viewers) expect(brain.neighbours).toHaveLength(7);
    lab.run(10_000);
    const back = lab.figures;
    lab.run(30_000);
    expect(offload(figuresSince(back, lab.figures))).toBeGreaterThan(0.8);
    expect(stalls()).toBe(0);
    expect(lab.figures.skips).toBe(0);
  });

  it('supplies both halves of a divided network, and links them again afterwards', () => {
    const ids = eightViewers(seed).map(({ id }) => id);
    lab.run(12_000);
    lab.divide([ids.slice(0, 4), ids.slice(4)], 15_000);
    lab.run(5000);
    const start = lab.figures;
    lab.run(10_000);
    expect(originCopies(figuresSince(start, lab.figures))).toBeGreaterThan(1.7);
    lab.run(35_000);
    for (const { brain } of lab.viewers) expect(brain.neighbours).toHaveLength(7);
    expect(stalls()).toBe(0);
  });
});
