import { describe, expect, it, test } from 'vitest';
import { nextShare, RoundTrips } from './round-trips.ts';

test.each([
  [1, [], 1],
  [1, [0, 20, 99], 1],
  [1, [101], 0.5],
  [0.5, [150, 400, 0], 0.25],
  // Half of them is not most.
  [0.5, [150, 0], 0.625],
  [0.125, [2000], 0.125],
  [0.95, [0], 1],
])('a share of %j and waits of %j ms make %j', (share, waits, next) => {
  expect(nextShare(share, waits)).toBe(next);
});

describe('RoundTrips', () => {
  /** Measures of all peers each 3 s. @returns the time after them. */
  function measure(trips: RoundTrips, from: number, times: number, ms: Readonly<Record<string, number>>) {
    for (let i = 0; i < times; i++)
      for (const [peer, roundTrip] of Object.entries(ms)) trips.measured(peer, roundTrip, from + i * 3000);
    return from + times * 3000;
  }

  it('halves while round trips are grown, once in two seconds, and comes back step by step', () => {
    const trips = new RoundTrips();
    let now = measure(trips, 10_000, 3, { ann: 30, ben: 80, cem: 200 });
    expect(trips.share).toBe(1);
    now = measure(trips, now, 2, { ann: 330, ben: 380, cem: 500 });
    // In the first round the first to be measured could not speak for most.
    expect(trips.share).toBe(0.5);
    now = measure(trips, now, 9, { ann: 330, ben: 380, cem: 500 });
    expect(trips.share).toBe(1 / 8);
    now = measure(trips, now, 3, { ann: 30, ben: 80, cem: 200 });
    expect(trips.share).toBeGreaterThan(1 / 8);
    measure(trips, now, 7, { ann: 30, ben: 80, cem: 200 });
    expect(trips.share).toBe(1);
  });

  it('does not mind one neighbour whose own line is full, nor links that are long', () => {
    const trips = new RoundTrips();
    const now = measure(trips, 10_000, 3, { ann: 30, ben: 700, cem: 50 });
    measure(trips, now, 10, { ann: 30, ben: 700, cem: 2000 });
    expect(trips.share).toBe(1);
  });

  it('forgets links that closed and measures that are old', () => {
    const trips = new RoundTrips();
    let now = measure(trips, 10_000, 2, { ann: 30, ben: 30, cem: 30 });
    now = measure(trips, now, 1, { ben: 900, cem: 900 });
    trips.closed('ben');
    now = measure(trips, now, 1, { ann: 30 });
    expect(trips.share).toBe(1);
    // Nobody else was measured for longer than a measure is worth.
    measure(trips, now + 20_000, 1, { ann: 400 });
    expect(trips.share).toBe(0.5);
  });

  it('takes a longer route for what it is after some minutes', () => {
    const trips = new RoundTrips();
    const now = measure(trips, 10_000, 3, { ann: 30 });
    const later = measure(trips, now, 20, { ann: 300 });
    expect(trips.share).toBe(1 / 8);
    measure(trips, later, 150, { ann: 300 });
    expect(trips.share).toBe(1);
  });
});
