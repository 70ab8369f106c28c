import { describe, expect, it } from 'vitest';
import { PerViewerVote } from './per-viewer-vote.ts';

/** @param viewers the network of each viewer @param sayers indices of the viewers that report a difference, in order */
function settles(viewers: readonly string[], sayers: readonly number[]): boolean {
  const vote = new PerViewerVote();
  for (const [index, network] of viewers.entries()) vote.joined(`peer-${index}`, network);
  return sayers.map((index) => vote.said(`peer-${index}`, 0)).some(Boolean);
}

describe('PerViewerVote', () => {
  it.each([
    ['all of three', ['a', 'b', 'c'], [0, 1, 2], true],
    ['two of three', ['a', 'b', 'c'], [0, 1], true],
    ['half', ['a', 'b', 'c', 'd'], [0, 1], false],
    ['one that repeats it', ['a', 'b', 'c'], [0, 0, 0, 0], false],
    ['a single viewer', ['a'], [0], false],
    ['both in one network', ['a', 'a'], [0, 1], true],
    ['one with five connections against two', ['x', 'x', 'x', 'x', 'x', 'a', 'b'], [0, 1, 2, 3, 4], false],
    ['unknown viewers', ['a', 'b'], [7, 8], false],
  ])('%s', (_who, viewers, sayers, settled) => {
    expect(settles(viewers, sayers)).toBe(settled);
  });

  it('holds for ten minutes, then needs a new majority; viewers that left no longer count', () => {
    const vote = new PerViewerVote();
    for (const peer of ['one', 'two', 'three']) vote.joined(peer, peer);
    vote.said('one', 0);
    expect(vote.said('two', 1000)).toBe(true);
    expect(vote.said('three', 1000)).toBe(false);
    expect(vote.until).toBe(601_000);
    vote.expire();
    expect(vote.until).toBeUndefined();
    expect(vote.said('one', 0)).toBe(false);
    vote.left('one');
    expect(vote.said('two', 0)).toBe(false);
    expect(vote.said('three', 0)).toBe(true);
  });
});
