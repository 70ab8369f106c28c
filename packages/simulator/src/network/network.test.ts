import { seededRandom } from '@freshet/swarm';
import { expect, it } from 'vitest';
import { drawAccess } from './access.ts';
import { Line } from './line.ts';
import { Path } from './path.ts';
import { reachable } from './sim-network.ts';

it('lets one load after another leave a line', () => {
  const line = new Line(8);
  expect(line.put(100, 0)).toBe(100);
  expect(line.put(100, 50)).toBe(200);
  expect(line.put(100, 500)).toBe(600);
});

it('never lets a piece overtake another on its path, and lets control frames go before them', () => {
  const path = new Path(100, 0.5, 10, seededRandom(1));
  const first = path.arrival(16_384, 5000);
  expect(path.arrival(16_384, 4000)).toBeGreaterThanOrEqual(first);
  expect(path.arrival(100, 0)).toBeLessThan(first);
});

it('leaves about a fifth of the pairs without a route, always the same ones', () => {
  const pairs = Array.from({ length: 5000 }, (_, i) => `v${i} v${i + 7}`);
  const cut = pairs.filter((pair) => !reachable(pair, 3, 0.2));
  expect(cut.length / pairs.length).toBeCloseTo(0.2, 1);
  expect(pairs.filter((pair) => !reachable(pair, 3, 0.2))).toEqual(cut);
});

it('draws more down than up in the median, and few lines that cannot carry the stream', () => {
  const random = seededRandom(2);
  const lines = Array.from({ length: 5000 }, () => drawAccess(random));
  expect(lines.filter(({ downKbps, upKbps }) => downKbps > upKbps).length).toBe(lines.length);
  expect(lines.filter(({ downKbps }) => downKbps < 800 * 1.3).length).toBeLessThan(50);
});
