import { expect, it } from 'vitest';
import { type Nat, passage, type Turn } from './nat.ts';

type Passage = ReturnType<typeof passage>;
/** Two NATs, and the passage without TURN, with TURN over UDP, and with TURN over TCP as well. */
const TABLE: readonly (readonly [Nat, Nat, Passage, Passage, Passage])[] = [
  ['cone', 'cone', 'direct', 'direct', 'direct'],
  ['cone', 'symmetric', 'direct', 'direct', 'direct'],
  ['symmetric', 'symmetric', undefined, 'relayed', 'relayed'],
  ['cone', 'blocked', undefined, undefined, 'relayed'],
  ['symmetric', 'blocked', undefined, undefined, 'relayed'],
  ['blocked', 'blocked', undefined, undefined, 'relayed'],
  ['far', 'far', 'direct', 'direct', 'direct'],
  ['far', 'cone', undefined, 'relayed', 'relayed'],
  ['far', 'symmetric', undefined, 'relayed', 'relayed'],
  ['far', 'blocked', undefined, undefined, 'relayed'],
];
const TURNS: readonly Turn[] = ['none', 'udp', 'tcp'];

it.each(TABLE)('links %s and %s, dialled from either side: %s, %s, %s', (a, b, ...expected) => {
  expect(TURNS.map((turn) => passage(a, b, turn))).toEqual(expected);
  expect(TURNS.map((turn) => passage(b, a, turn))).toEqual(expected);
});
