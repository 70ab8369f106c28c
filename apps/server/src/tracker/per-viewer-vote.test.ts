import { describe, expect, it } from 'vitest';
import { PerViewerVote } from './per-viewer-vote.ts';

const range = (count: number) => Array.from({ length: count }, (_, i) => i);

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
    ['all of one network', ['a', 'a', 'a'], [0, 1, 2], true],
    ['most of one network', ['a', 'a', 'a', 'a', 'a'], [0, 1, 2, 3], false],
    ['eleven in the network of ten others', new Array(21).fill('a'), range(11), false],
    [
      'eleven in the network of ten others, one elsewhere',
      [...range(21).map(() => 'a'), 'b'],
      range(11),
      false,
    ],
    ['a network outvoted by its own viewers', ['a', 'a', 'a', 'b', 'c'], [0, 3], false],
    ['two of three networks, with most viewers', ['a', 'a', 'b', 'b', 'c'], [0, 1, 2, 3], true],
    ['two of three networks, with few viewers', ['a', 'b', 'c', 'c', 'c', 'c', 'c'], [0, 1], false],
    ['one with five connections against two', ['x', 'x', 'x', 'x', 'x', 'a', 'b'], [0, 1, 2, 3, 4], false],
    ['unknown viewers', ['a', 'b'], [7, 8], false],
  ])('%s', (_who, viewers, sayers, settled) => {
    expect(settles(viewers, sayers)).toBe(settled);
  });

  it('is due again when twice as many have joined: they had no vote', () => {
    const vote = new PerViewerVote();
    for (const peer of ['one', 'two']) vote.joined(peer, peer);
    for (const peer of ['one', 'two']) vote.said(peer, 0);
    expect([1, 2, 3].map((i) => vote.joined(`late-${i}`, `late-${i}`))).toEqual([false, false, true]);
    vote.expire();
    expect(vote.joined('later', 'later')).toBe(false);
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
