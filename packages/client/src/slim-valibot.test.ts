import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { slimValibot } from '../scripts/slim.mjs';

const source = readFile(fileURLToPath(import.meta.resolve('valibot')), 'utf8');

test('gives the same verdicts as before, without messages', async () => {
  const slimmed = (await import(
    `data:text/javascript,${encodeURIComponent(slimValibot(await source))}`
  )) as typeof v;
  const judge = (from: typeof v, input: unknown) => {
    const short = from.pipe(from.string(), from.maxLength(3), from.regex(/^a/));
    const schema = from.object({
      list: from.pipe(from.array(short), from.maxLength(2)),
      one: from.optional(
        from.variant('kind', [
          from.object({
            kind: from.literal('n'),
            n: from.pipe(from.number(), from.integer(), from.minValue(1)),
          }),
          from.object({ kind: from.picklist(['s', 't']), s: from.nullish(from.string(), 'none') }),
        ]),
      ),
      both: from.optional(from.union([from.boolean(), from.pipe(from.string(), from.transform(Number))])),
      pair: from.optional(from.tuple([from.number(), short])),
      byName: from.optional(from.record(short, from.number())),
      exact: from.optional(
        from.strictObject({ a: from.exactOptional(from.number()), b: from.fallback(from.number(), 2) }),
      ),
      nested: from.optional(
        from.variant('kind', [
          from.variant('size', [
            from.object({ kind: from.literal('n'), size: from.literal(1) }),
            from.object({ kind: from.literal('n'), size: from.literal(2), n: from.number() }),
          ]),
          from.object({ kind: from.literal('m') }),
        ]),
      ),
    });
    const { success, output } = from.safeParse(schema, input);
    return success ? output : 'refused';
  };
  const inputs: unknown[] = [
    undefined,
    null,
    5,
    [],
    {},
    { list: [] },
    { list: ['abc'], more: 1 },
    { list: ['bcd'] },
    { list: ['abcd'] },
    { list: ['a', 'a', 'a'] },
    { list: 'a' },
    { list: [], one: { kind: 'n', n: 1 } },
    { list: [], one: { kind: 'n', n: 0 } },
    { list: [], one: { kind: 'n', n: 1.5 } },
    { list: [], one: { kind: 't' } },
    { list: [], one: { kind: 'u' } },
    { list: [], one: {} },
    { list: [], both: true },
    { list: [], both: '7' },
    { list: [], both: 7 },
    { list: [], pair: [1, 'a'] },
    { list: [], pair: [1] },
    { list: [], pair: ['a', 1] },
    { list: [], byName: { a: 1 } },
    { list: [], byName: { a: 'a' } },
    { list: [], byName: { b: 1 } },
    { list: [], exact: { a: 1, b: 'x' } },
    { list: [], exact: { b: 1, c: 1 } },
    { list: [], nested: { kind: 'm' } },
    { list: [], nested: { kind: 'n', size: 2, n: 1 } },
    { list: [], nested: { kind: 'n', size: 2 } },
    { list: [], nested: { kind: 'n', size: 3 } },
  ];
  for (const input of inputs) expect(judge(slimmed, input), JSON.stringify(input)).toEqual(judge(v, input));
  // Also for an input with many faults.
  const bad = { list: Array.from({ length: 1000 }, () => 7), pair: {}, byName: [], one: 1 };
  expect([judge(slimmed, bad), judge(v, bad)]).toEqual(['refused', 'refused']);
  expect(inputs.filter((input) => judge(v, input) === 'refused')).toHaveLength(21);
});

test('refuses another version', () => {
  expect(() => slimValibot('export function safeParse() {}')).toThrow('another valibot');
});
