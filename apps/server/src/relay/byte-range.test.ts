import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readRange } from './byte-range.ts';

describe('readRange (RFC 9110, 14.1.2)', () => {
  it.each([
    ['bytes=0-0', { kind: 'part', start: 0, end: 1 }],
    ['bytes=10-19', { kind: 'part', start: 10, end: 20 }],
    ['bytes=90-', { kind: 'part', start: 90, end: 100 }],
    ['bytes=90-5000', { kind: 'part', start: 90, end: 100 }],
    ['bytes=-30', { kind: 'part', start: 70, end: 100 }],
    ['bytes=-3000', { kind: 'part', start: 0, end: 100 }],
    ['Bytes = 1 - 2', { kind: 'part', start: 1, end: 3 }],
    ['bytes=100-', { kind: 'unsatisfiable' }],
    ['bytes=-0', { kind: 'unsatisfiable' }],
    ['bytes=5-4', { kind: 'whole' }],
    ['bytes=-', { kind: 'whole' }],
    ['bytes=0-1,5-6', { kind: 'whole' }],
    ['items=0-1', { kind: 'whole' }],
    ['bytes=x-y', { kind: 'whole' }],
    ['bytes=99999999999999999999-', { kind: 'whole' }],
    [undefined, { kind: 'whole' }],
  ])('%s of 100 bytes', (header, answer) => {
    expect(readRange(header, 100)).toEqual(answer);
  });

  it('ignores a header of thousands of spaces, in linear time', () => {
    const spaces = ' '.repeat(15_500);
    const started = performance.now();
    for (const header of [`bytes=${spaces}x`, `bytes${spaces}`, `bytes=1${spaces}x`, `bytes=1-${spaces}x`])
      expect(readRange(header, 100)).toEqual({ kind: 'whole' });
    // Quadratic time took 200 ms for each.
    expect(performance.now() - started).toBeLessThan(20);
  });

  it('never exceeds the body', () => {
    const part = fc.option(fc.nat(), { nil: undefined });
    fc.assert(
      fc.property(part, part, fc.integer({ min: 1, max: 1000 }), (first, last, size) => {
        const answer = readRange(`bytes=${first ?? ''}-${last ?? ''}`, size);
        if (answer.kind !== 'part') return;
        expect(answer.start).toBeGreaterThanOrEqual(0);
        expect(answer.end).toBeGreaterThan(answer.start);
        expect(answer.end).toBeLessThanOrEqual(size);
      }),
    );
  });
});
