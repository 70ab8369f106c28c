import { describe, expect, it } from 'vitest';
import { planVisits } from './plan-visits.ts';

describe('planVisits', () => {
  it('lets viewers join at an even pace and stay', () => {
    const { visits, fullMs, endMs } = planVisits({ viewers: 3, joinEveryMs: 1000, stayMs: 60_000 });
    expect(visits.map(({ joinMs }) => joinMs)).toEqual([0, 1000, 2000]);
    expect(visits.every(({ leaveMs }) => leaveMs === undefined)).toBe(true);
    expect([fullMs, endMs]).toEqual([2000, 62_000]);
  });

  it('lets all join at once', () => {
    const { visits, fullMs } = planVisits({ viewers: 8, joinEveryMs: 0, stayMs: 10_000 });
    expect(visits.map(({ joinMs }) => joinMs)).toEqual(new Array(8).fill(0));
    expect(fullMs).toBe(0);
  });

  const churn = { viewers: 8, joinEveryMs: 1000, stayMs: 3_600_000, meanStayMs: 20_000 };

  it('fills each seat again when its viewer leaves, until the end', () => {
    const { visits, endMs } = planVisits(churn);
    for (let seat = 0; seat < churn.viewers; seat++) {
      const turns = visits.filter((visit) => visit.seat === seat);
      expect(turns[0]?.joinMs).toBe(seat * 1000);
      for (const [i, { leaveMs }] of turns.entries()) expect(turns[i + 1]?.joinMs).toBe(leaveMs);
      expect(turns.at(-1)?.leaveMs).toBeUndefined();
      expect(turns.at(-1)?.joinMs).toBeLessThan(endMs);
    }
    expect(new Set(visits.map(({ name }) => name)).size).toBe(visits.length);
  });

  it('makes stays of the requested mean', () => {
    const stays = planVisits(churn).visits.flatMap(({ joinMs, leaveMs }) =>
      leaveMs === undefined ? [] : [leaveMs - joinMs],
    );
    const mean = stays.reduce((sum, stay) => sum + stay, 0) / stays.length;
    expect(mean).toBeGreaterThan(18_000);
    expect(mean).toBeLessThan(22_000);
  });

  it('makes the same plan for the same seed, and another plan for another seed', () => {
    expect(planVisits({ ...churn, seed: 7 })).toEqual(planVisits({ ...churn, seed: 7 }));
    expect(planVisits({ ...churn, seed: 7 })).not.toEqual(planVisits({ ...churn, seed: 8 }));
  });
});
