import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boxes } from './box.ts';

describe('boxes', () => {
  it('reads 64-bit sizes, and a last box that extends to the end', () => {
    const data = Buffer.alloc(16 + 4 + 8 + 3);
    data.writeUInt32BE(1, 0);
    data.write('wide', 4);
    data.writeBigUInt64BE(20n, 8);
    data.write('rest', 24);
    expect([...boxes(data)]).toEqual([
      { type: 'wide', start: 0, body: 16, end: 20 },
      { type: 'rest', start: 20, body: 28, end: 31 },
    ]);
  });

  it('never loops on malformed data: it ends or throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        try {
          let count = 0;
          for (const box of boxes(Buffer.from(bytes))) {
            expect(box.end).toBeLessThanOrEqual(bytes.length);
            count++;
          }
          expect(count).toBeLessThanOrEqual(8);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
    );
  });
});
