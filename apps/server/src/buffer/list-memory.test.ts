import { describe, expect, it } from 'vitest';
import { StreamBuffer } from './stream-buffer.ts';

const MB = 1e6;
const media = { data: Buffer.alloc(188, 7), contentType: 'video/mp2t', extension: 'ts', durationMs: 1 };

function fill(count: number, lines: (msn: number) => object) {
  const buffer = new StreamBuffer({ epoch: 1, bufferSeconds: 3600, bufferBytes: MB });
  const rendition = buffer.declareRendition('v', { type: 'video', name: 'v' });
  for (let msn = 0; msn < count; msn++) rendition.append({ ...media, msn, ...lines(msn) });
  return { buffer, rendition };
}

describe('the memory of lists', () => {
  it('counts within the limit in bytes: lines', () => {
    const { buffer, rendition } = fill(500, (msn) => ({ lines: [`#${msn}${'x'.repeat(20_000)}`] }));
    expect(buffer.bytes).toBeLessThanOrEqual(MB);
    expect(rendition.entryCount).toBeLessThan(70);
    expect(buffer.cutByBytes).toBe(true);
  });

  it('counts within the limit in bytes: keys that change, and entries that hold almost nothing', () => {
    const keyed = fill(500, (msn) => ({ keys: [`#EXT-X-KEY:${msn}${'x'.repeat(20_000)}`] }));
    expect(keyed.rendition.entryCount).toBeLessThan(70);
    expect(fill(5000, () => ({})).rendition.entryCount).toBeLessThan(1100);
    const same = fill(500, () => ({ keys: [`#EXT-X-KEY:${'x'.repeat(20_000)}`] }));
    expect(same.rendition.entryCount).toBe(500);
  });

  it('counts lines that change later, the header and the multivariant playlist', () => {
    const { buffer, rendition } = fill(3, () => ({}));
    expect(buffer.bytes).toBe(3 * 188);
    rendition.refresh(1, ['x'.repeat(300_000)]);
    expect(buffer.bytes).toBeGreaterThan(40_000);
    rendition.refresh(1, ['x']);
    expect(buffer.bytes).toBe(3 * 188);
    rendition.setHeader(['x'.repeat(300_000)]);
    expect(buffer.bytes).toBeGreaterThan(40_000);
    rendition.setHeader([]);
    buffer.setMultivariantBytes(300_000);
    expect(buffer.bytes).toBeGreaterThan(40_000);
    buffer.setMultivariantBytes(0);
    rendition.clear();
    expect(buffer.bytes).toBe(0);
  });
});
