import { beforeEach, describe, expect, it } from 'vitest';
import { GuessLimit } from './guess-limit.ts';

let now = 0;
beforeEach(() => {
  now = 0;
});
const limit = (ofAll?: { burst: number; everyMs: number }) =>
  new GuessLimit({ burst: 3, everyMs: 1000, ...(ofAll && { ofAll }), now: () => now });

describe('GuessLimit', () => {
  it('allows a burst, and then one guess at a time', () => {
    const guesses = limit();
    for (let i = 0; i < 3; i++) {
      expect(guesses.allows('203.0.113.1')).toBe(true);
      guesses.wrong('203.0.113.1');
    }
    expect(guesses.allows('203.0.113.1')).toBe(false);
    now += 1000;
    expect(guesses.allows('203.0.113.1')).toBe(true);
    guesses.wrong('203.0.113.1');
    expect(guesses.allows('203.0.113.1')).toBe(false);
    now += 1e9;
    for (let i = 0; i < 3; i++) guesses.wrong('203.0.113.1');
    expect(guesses.allows('203.0.113.1')).toBe(false);
  });

  it('takes back a guess that was none', () => {
    const guesses = limit();
    for (let i = 0; i < 9; i++) {
      expect(guesses.allows('203.0.113.1')).toBe(true);
      guesses.wrong('203.0.113.1');
      guesses.forgive('203.0.113.1');
    }
  });

  it('counts networks, and each secret on its own', () => {
    const guesses = limit();
    for (let i = 0; i < 3; i++) guesses.wrong(`203.0.113.${i}`, 'tv');
    expect(guesses.allows('203.0.113.99', 'tv')).toBe(false);
    expect(guesses.allows('203.0.113.99', 'radio')).toBe(true);
    expect(guesses.allows('203.0.114.1', 'tv')).toBe(true);
    for (let i = 0; i < 3; i++) guesses.wrong(`2001:db8::${i}`);
    expect(guesses.allows('2001:db8:0:ffff::1')).toBe(false);
    expect(guesses.allows('2001:db8:1::1')).toBe(true);
  });

  it('limits all networks together, except those that know the secret', () => {
    const guesses = limit({ burst: 5, everyMs: 100 });
    guesses.right('198.51.100.1');
    for (let i = 0; i < 5; i++) guesses.wrong(`203.0.${i}.1`);
    expect(guesses.allows('203.0.200.1')).toBe(false);
    expect(guesses.allows('198.51.100.7')).toBe(true);
    now += 100;
    expect(guesses.allows('203.0.200.1')).toBe(true);
  });

  it('stays small when guesses come from everywhere', () => {
    const guesses = limit({ burst: 5, everyMs: 100 });
    for (let i = 0; i < 30_000; i++) guesses.wrong(`10.${i % 256}.${Math.floor(i / 256)}.1`);
    expect(guesses.allows('192.0.2.1')).toBe(false);
  });
});
