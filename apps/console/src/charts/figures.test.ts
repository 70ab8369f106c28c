import { expect, test } from 'vitest';
import { formatKinds, formatKindShares } from './figures.ts';

const plain = (text: string): string => text.replaceAll('\u00a0', ' ');
const none = { direct: 0, reflexive: 0, relayed: 0, unknown: 0 };

test('lists links by kind, without kinds that have none', () => {
  expect(plain(formatKinds({ ...none, direct: 3, relayed: 1 }, String))).toBe('3 direct, 1 relayed');
  expect(formatKinds(none, String)).toBe('');
});

test('lists links by kind as shares of all links', () => {
  expect(plain(formatKindShares({ direct: 5, reflexive: 3, relayed: 1, unknown: 1 }))).toBe(
    '50 % direct, 30 % reflexive, 10 % relayed, 10 % unknown',
  );
  expect(formatKindShares(none)).toBe('');
});
