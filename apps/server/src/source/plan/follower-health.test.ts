import { describe, expect, it } from 'vitest';
import { type FollowerFacts, type FollowerHealth, followerHealth, streamState } from './follower-health.ts';

const facts = (more: Partial<FollowerFacts>): FollowerFacts => ({
  now: 100_000,
  startedAt: 0,
  publishedAt: 99_000,
  failures: 0,
  lastFault: undefined,
  targetDurationMs: 2000,
  ended: false,
  ...more,
});

describe('followerHealth', () => {
  it('tolerates one failed load, but not two', () => {
    expect(followerHealth(facts({})).kind).toBe('live');
    expect(followerHealth(facts({ failures: 1, lastFault: 'x' })).kind).toBe('live');
    expect(followerHealth(facts({ failures: 2, lastFault: 'x' }))).toEqual({ kind: 'out', reason: 'x' });
  });

  it('treats silence as an outage, in proportion to the segment duration', () => {
    expect(followerHealth(facts({ publishedAt: 93_000 }))).toMatchObject({ kind: 'out' });
    expect(followerHealth(facts({ publishedAt: 93_000, targetDurationMs: 6000 })).kind).toBe('live');
  });

  it('allows 8 s for a start, and no time after a failed load', () => {
    expect(followerHealth(facts({ publishedAt: undefined, startedAt: 93_000 })).kind).toBe('starting');
    expect(followerHealth(facts({ publishedAt: undefined, startedAt: 91_000 })).kind).toBe('out');
    expect(followerHealth(facts({ publishedAt: undefined, startedAt: 99_000, failures: 1 })).kind).toBe(
      'out',
    );
  });

  it('stays ended after the source has disappeared', () => {
    expect(followerHealth(facts({ ended: true, failures: 9, publishedAt: 0 })).kind).toBe('ended');
  });
});

describe('streamState', () => {
  const [live, ended, starting] = (['live', 'ended', 'starting'] as const).map((kind) => ({ kind }));
  const out: FollowerHealth = { kind: 'out', reason: 'x' };
  const all = (...healths: (FollowerHealth | undefined)[]) =>
    healths.filter((health) => health !== undefined);

  it('is live while one rendition is', () => {
    expect(streamState(all(out, live, ended), true, 0, 60_000)).toBe('live');
  });

  it('is stale while the buffer can be served, then down', () => {
    expect(streamState(all(out, starting), true, 60_000, 60_000)).toBe('stale');
    expect(streamState(all(out), true, 60_001, 60_000)).toBe('down');
    expect(streamState(all(out), false, 0, 60_000)).toBe('down');
    expect(streamState([], false, 0, 60_000)).toBe('down');
  });

  it('is starting before the first media, and ended after the last', () => {
    expect(streamState(all(starting, out), false, 0, 60_000)).toBe('starting');
    expect(streamState(all(ended, out), true, 0, 60_000)).toBe('ended');
  });
});
