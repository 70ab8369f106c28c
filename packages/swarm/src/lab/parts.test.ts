import { figuresSince, offload, originCopies, SwarmLab } from '@freshet/testkit';
import { describe, expect, it } from 'vitest';

/** Segments of 4 s at 440 kbit/s in parts of 0.5 s. Players stay three parts behind and know the last ten. */
const PARTS = { segmentMs: 500, segmentBytes: 27_500, window: 10, parts: 8 };

describe.each([1, 2])('six low-latency viewers (seed %i)', (seed) => {
  it('use about one copy of the parts, play two seconds behind, and do not stall', () => {
    const lab = new SwarmLab({ seed, source: PARTS });
    lab.joinMany(6, 1000);
    lab.run(12_000);
    const settled = lab.figures;
    lab.run(60_000);
    const steady = figuresSince(settled, lab.figures);
    expect(lab.breaches()).toEqual([]);
    expect(lab.figures.stalls).toBe(0);
    expect(originCopies(steady)).toBeLessThan(1.3);
    expect(offload(steady)).toBeGreaterThan(0.75);
    for (const { player } of lab.viewers) expect(player.latencyMs).toBeLessThan(2100);
  });

  it('do not stall when the viewer that uploaded most dies, unnoticed for five seconds', () => {
    const lab = new SwarmLab({ seed, source: PARTS });
    const viewers = lab.joinMany(6, 1000);
    lab.run(12_000);
    viewers.reduce((a, b) => (b.links.uploadedBytes > a.links.uploadedBytes ? b : a)).kill(5000);
    lab.run(20_000);
    expect(lab.breaches()).toEqual([]);
    expect(lab.figures.stalls).toBe(0);
  });
});
