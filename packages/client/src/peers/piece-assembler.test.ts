import { FRAME_PAYLOAD_BYTES, LIMITS, pieceBytes, type PieceFrame, segmentKey } from '@freshet/protocol';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { PieceAssembler } from './piece-assembler.ts';

const PEER = 'a'.repeat(16);
const SEGMENT = { epoch: 1, rendition: '0a0b0c0d', msn: 5 };
const KEY = segmentKey(SEGMENT);
const BYTES = 1_000_000;
const SIZE = pieceBytes(BYTES, 0);

function frames(piece: number, fill = 7, most = FRAME_PAYLOAD_BYTES): PieceFrame[] {
  const size = pieceBytes(BYTES, piece);
  const all: PieceFrame[] = [];
  for (let offset = 0; offset < size; offset += most) {
    const payload = new Uint8Array(Math.min(most, size - offset)).fill(fill);
    all.push({ type: 'piece', segment: SEGMENT, piece, offset, sentAt: 0, backlogMs: 0, payload });
  }
  return all;
}

function asked(...pieces: number[]): PieceAssembler {
  const assembler = new PieceAssembler(() => undefined);
  assembler.requested(PEER, KEY, BYTES, pieces);
  return assembler;
}

const outcomes = (assembler: PieceAssembler, ...all: PieceFrame[]) =>
  all.map((frame) => assembler.take(PEER, frame).type);

test('F6: assembles a requested piece from its frames, however long they are', () => {
  const assembler = asked(0, 1, 2);
  const lengths = [FRAME_PAYLOAD_BYTES, LIMITS.payloadBytes, 1131];
  const sent = lengths.flatMap((most, piece) => frames(piece, piece + 1, most));
  const results = sent.map((frame) => assembler.take(PEER, frame));
  const pieces = results.filter((result) => result.type === 'piece');
  expect(pieces.map(({ bytes }) => [bytes.length, bytes[0], bytes.at(-1)])).toEqual([
    [SIZE, 1, 1],
    [SIZE, 2, 2],
    [SIZE, 3, 3],
  ]);
  expect(results.filter(({ type }) => type === 'progress')).toHaveLength(sent.length - 3);
});

test('F6: a piece that broke off starts again from its beginning, and the bytes received are reported as lost', () => {
  const onBrokenOff = vi.fn();
  const assembler = new PieceAssembler(onBrokenOff);
  assembler.requested(PEER, KEY, BYTES, [0]);
  expect(outcomes(assembler, ...frames(0, 1).slice(0, 2))).toEqual(['progress', 'progress']);
  const results = frames(0, 2).map((frame) => assembler.take(PEER, frame));
  const last = results.at(-1);
  expect(last?.type === 'piece' && last.bytes.every((byte) => byte === 2)).toBe(true);
  expect(onBrokenOff.mock.calls).toEqual([[2 * FRAME_PAYLOAD_BYTES]]);
});

test('F6: another piece ends an incomplete one', () => {
  const onBrokenOff = vi.fn();
  const assembler = new PieceAssembler(onBrokenOff);
  assembler.requested(PEER, KEY, BYTES, [0, 1]);
  const [first, second] = frames(0);
  expect(outcomes(assembler, ...frames(0).slice(0, 1), ...frames(1)).at(-1)).toBe('piece');
  expect(onBrokenOff.mock.calls).toEqual([[FRAME_PAYLOAD_BYTES]]);
  expect(second && assembler.take(PEER, second).type).toBe('fault');
  expect(first && assembler.take(PEER, first).type).toBe('progress');
});

test('pieces of two neighbours may arrive at the same time', () => {
  const assembler = asked(0);
  const other = 'b'.repeat(16);
  assembler.requested(other, KEY, BYTES, [0]);
  const results = frames(0).flatMap((frame) => [assembler.take(PEER, frame), assembler.take(other, frame)]);
  expect(results.slice(-2).map(({ type }) => type)).toEqual(['piece', 'piece']);
});

test.each<[string, (all: PieceFrame[]) => (PieceFrame | undefined)[]]>([
  ['never asked for', ([first]) => [first && { ...first, piece: 3 }]],
  ['of another segment', ([first]) => [first && { ...first, segment: { ...SEGMENT, msn: 6 } }]],
  ['starting in the middle', ([, second]) => [second]],
  ['with a frame sent twice', ([first, second]) => [first, second, second]],
  ['with a gap', ([first, , third]) => [first, third]],
  [
    'with a frame that is too short',
    ([first]) => [first && { ...first, payload: first.payload.subarray(0, LIMITS.payloadBytes - 1) }],
  ],
  [
    'that is longer than announced',
    (all) => [
      ...all.slice(0, -1),
      ...all.slice(-1).map((last) => ({ ...last, payload: new Uint8Array(last.payload.length + 1) })),
    ],
  ],
  ['sent again after it came', (all) => [...all, all[0]]],
])('a piece %s is a fault', (_name, pick) => {
  const sent = pick(frames(0)).filter((frame) => frame !== undefined);
  expect(outcomes(asked(0), ...sent).at(-1)).toBe('fault');
});

test('a piece that was requested from another neighbour is a fault', () => {
  const [first] = frames(0);
  expect(first && asked(0).take('b'.repeat(16), first).type).toBe('fault');
});

test('a piece that was cancelled and requested again may arrive twice and no more', () => {
  const assembler = asked(0);
  assembler.requested(PEER, KEY, BYTES, [0]);
  expect(outcomes(assembler, ...frames(0), ...frames(0)).filter((type) => type === 'piece')).toHaveLength(2);
  expect(outcomes(assembler, ...frames(0).slice(0, 1))).toEqual(['fault']);
});

test('a rejected piece is no longer expected', () => {
  const assembler = asked(0, 1);
  assembler.rejected(PEER, KEY, [0]);
  expect(outcomes(assembler, ...frames(0).slice(0, 1))).toEqual(['fault']);
  expect(outcomes(assembler, ...frames(1)).at(-1)).toBe('piece');
});

test('reports what broke off and expects nothing more when the link closes', () => {
  const onBrokenOff = vi.fn();
  const assembler = new PieceAssembler(onBrokenOff);
  assembler.requested(PEER, KEY, BYTES, [0, 1]);
  const [first] = frames(0);
  if (first !== undefined) assembler.take(PEER, first);
  assembler.closed(PEER);
  assembler.closed(PEER);
  expect(onBrokenOff.mock.calls).toEqual([[FRAME_PAYLOAD_BYTES]]);
  expect(outcomes(assembler, ...frames(1).slice(0, 1))).toEqual(['fault']);
});

test('no sequence of frames throws or yields a piece of the wrong size', () => {
  const frame = fc.record({
    type: fc.constant('piece' as const),
    segment: fc.constant(SEGMENT),
    piece: fc.nat(511),
    offset: fc.oneof(fc.constantFrom(0, FRAME_PAYLOAD_BYTES), fc.nat(0xffffffff)),
    sentAt: fc.constant(0),
    backlogMs: fc.constant(0),
    payload: fc
      .constantFrom(1, LIMITS.payloadBytes, FRAME_PAYLOAD_BYTES, SIZE % FRAME_PAYLOAD_BYTES)
      .map((n) => new Uint8Array(n)),
  });
  fc.assert(
    fc.property(fc.array(frame), (all) => {
      const assembler = asked(0, 1, 2);
      for (const one of all) {
        const result = assembler.take(PEER, one);
        if (result.type === 'piece') expect(result.bytes).toHaveLength(pieceBytes(BYTES, one.piece));
      }
    }),
  );
});
