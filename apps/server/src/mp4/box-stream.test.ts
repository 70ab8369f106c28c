import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LIMITS } from '@freshet/protocol';
import { boxes } from './box.ts';
import { BoxStream, type StreamedBox } from './box-stream.ts';

function box(type: string, bodyBytes: number): Buffer {
  const data = Buffer.alloc(8 + bodyBytes, type);
  data.writeUInt32BE(data.length, 0);
  data.write(type, 4, 'latin1');
  return data;
}

/** Everything that the stream yields for a file in chunks of the given sizes, with the rest in one chunk. */
function read(file: Buffer, sizes: readonly number[], release = false) {
  const stream = new BoxStream();
  const found: StreamedBox[] = [];
  const bytes: Buffer[] = [];
  let at = 0;
  for (const size of [...sizes, file.length]) {
    stream.push(file.subarray(at, at + size));
    at += size;
    for (const complete of stream.complete()) {
      found.push(complete);
      bytes.push(stream.bytes(complete.start, complete.end));
      if (release) stream.release(complete.end);
    }
  }
  return { stream, found, bytes };
}

describe('BoxStream', () => {
  it('finds what `boxes` finds in the whole file, however it arrives', () => {
    const file = fc
      .array(fc.integer({ min: 0, max: 20 }), { maxLength: 8 })
      .map((bodies) => Buffer.concat(bodies.map((bodyBytes, index) => box(`box${index}`, bodyBytes))));
    fc.assert(
      fc.property(file, fc.array(fc.integer({ min: 0, max: 12 })), fc.boolean(), (data, sizes, release) => {
        const { found, bytes } = read(data, sizes, release);
        const whole = [...boxes(data)];
        expect(found).toEqual(whole.map(({ type, start, end }) => ({ type, start, end })));
        expect(bytes).toEqual(whole.map(({ start, end }) => data.subarray(start, end)));
      }),
    );
  });

  it('yields a box once, with its last byte', () => {
    const stream = new BoxStream();
    const data = box('moof', 4);
    stream.push(data.subarray(0, 11));
    expect([...stream.complete()]).toEqual([]);
    stream.push(data.subarray(11));
    expect([...stream.complete()]).toEqual([{ type: 'moof', start: 0, end: 12 }]);
    expect([...stream.complete()]).toEqual([]);
    expect(stream.size).toBe(12);
  });

  it('keeps no released bytes, and keeps the rest of a chunk', () => {
    const data = Buffer.concat([box('ftyp', 4), box('moov', 4)]);
    const { stream } = read(data, [5, 5, 5]);
    stream.release(12);
    expect(stream.bytes(0, 10).length).toBe(0);
    expect(stream.bytes(12, 24).equals(data.subarray(12))).toBe(true);
  });

  it.each([0, 7, LIMITS.segmentBytes + 1])(
    'throws on a box of %d bytes as soon as its header has arrived',
    (size) => {
      const header = Buffer.alloc(8);
      header.writeUInt32BE(size);
      expect(() => read(header.subarray(0, 7), [])).not.toThrow();
      expect(() => read(header, [])).toThrow(RangeError);
    },
  );

  it('reads sizes of 64 bits', () => {
    const header = Buffer.alloc(16);
    header.writeUInt32BE(1);
    header.writeBigUInt64BE(20n, 8);
    expect(read(Buffer.concat([header, Buffer.alloc(4)]), [8, 4]).found).toMatchObject([
      { start: 0, end: 20 },
    ]);
    for (const size of [15n, BigInt(LIMITS.segmentBytes) + 1n, 2n ** 64n - 1n]) {
      header.writeBigUInt64BE(size, 8);
      expect(() => read(header.subarray(0, 15), [])).not.toThrow();
      expect(() => read(header, [])).toThrow(RangeError);
    }
  });
});
