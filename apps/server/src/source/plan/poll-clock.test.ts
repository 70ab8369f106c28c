import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PollClock } from './poll-clock.ts';

interface Simulation {
  readonly segmentMs: number;
  readonly targetMs: number;
  /** From the first load to the publication after it. */
  readonly phaseMs: number;
  /** Longest response time, and longest delay of a timer. */
  readonly delayMs: number;
  /** Silence of the encoder, in segments, after the 100th. */
  readonly pause?: number;
  readonly polls?: number;
}

/** Polls an encoder for a while and checks each poll against RFC 8216, 6.3.4. */
function simulate({ segmentMs, targetMs, phaseMs, delayMs, pause = 0, polls = 400 }: Simulation) {
  const clock = new PollClock();
  const publishedAt = (n: number) => phaseMs + (n - 10) * segmentMs + (n > 100 ? pause * segmentMs : 0);
  const lateness: number[] = [];
  let random = 1;
  const chance = () => (random = (random * 48_271) % 2_147_483_647) / 2_147_483_647;
  let at = 0;
  let seen = -1;
  for (let poll = 0; poll < polls; poll++) {
    const endedAt = at + chance() * delayMs;
    let newest = Math.max(seen, 0);
    while (publishedAt(newest + 1) <= endedAt) newest++;
    const added = seen === -1 ? 10 : newest - seen;
    if (seen !== -1) for (let n = seen + 1; n <= newest; n++) lateness.push(endedAt - publishedAt(n));
    seen = newest;
    const changed = added > 0;
    const addedMs = added * segmentMs;
    const next = clock.next({
      startedAt: at,
      endedAt,
      changed,
      addedMs,
      segmentMs,
      targetDurationMs: targetMs,
    });
    expect(next).toBeGreaterThanOrEqual(at + (changed ? targetMs : targetMs / 2));
    expect(next).toBeLessThanOrEqual(at + 3 * Math.max(targetMs, segmentMs));
    at = Math.max(next, endedAt) + chance() * 3;
  }
  const settled = lateness.slice(20);
  return { mean: settled.reduce((sum, ms) => sum + ms, 0) / settled.length, lateness };
}

describe('PollClock', () => {
  it('comes into step with the source from any phase, and never polls sooner than the RFC allows', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1999 }), fc.integer({ min: 0, max: 40 }), (phaseMs, delayMs) => {
        const { mean } = simulate({ segmentMs: 2000, targetMs: 2000, phaseMs, delayMs });
        // Blind polling sees a segment 1000 ms late on average.
        expect(mean).toBeLessThan(650);
      }),
    );
  });

  it('follows segments longer than the target duration, which is rounded', () => {
    expect(simulate({ segmentMs: 2400, targetMs: 2000, phaseMs: 700, delayMs: 20 }).mean).toBeLessThan(650);
  });

  it('polls as often as allowed when the target duration is far above the segment duration', () => {
    const { mean } = simulate({ segmentMs: 2000, targetMs: 3000, phaseMs: 700, delayMs: 20 });
    // 1000 at best, 2000 at worst, depending on the phase, which cannot be chosen.
    expect(mean).toBeLessThan(1700);
  });

  it('comes into step again after a pause', () => {
    const { lateness } = simulate({ segmentMs: 2000, targetMs: 2000, phaseMs: 300, delayMs: 20, pause: 3.4 });
    const after = lateness.slice(130);
    expect(after.reduce((sum, ms) => sum + ms, 0) / after.length).toBeLessThan(650);
  });
});
