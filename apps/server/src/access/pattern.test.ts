import { expect, test } from 'vitest';
import { matchesPattern } from './pattern.ts';

test.each([
  ['live', 'live', true],
  ['live2', 'live', false],
  ['live', '*', true],
  ['studio-1', 'studio-*', true],
  ['studio-', 'studio-*', true],
  ['studio', 'studio-*', false],
  ['a-hd', '*-hd', true],
  ['a-mid-b', 'a*mid*b', true],
  ['a-b', 'a*mid*b', false],
  ['aba', 'ab*ba', false],
  ['abba', 'ab*ba', true],
  ['abxb', 'a*b*b', true],
  ['ab', 'a*b*b', false],
])('%s against %s: %s', (text, pattern, matches) => {
  expect(matchesPattern(text, pattern)).toBe(matches);
});

test('a pattern of many stars takes no longer than the text is long', () => {
  const startedAt = performance.now();
  expect(matchesPattern('a'.repeat(50_000), `${'*a'.repeat(20_000)}*b`)).toBe(false);
  expect(performance.now() - startedAt).toBeLessThan(500);
});
