import { FRAME_PAYLOAD_BYTES, pieceBytes, type PieceFrame, segmentKey } from '@freshet/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PieceAssembler } from './piece-assembler.ts';

const PEER = 'a'.repeat(16);
const SEGMENT = { epoch: 1, rendition: '0a0b0c0d', msn: 5 };
const KEY = segmentKey(SEGMENT);
const BYTES = 1_000_000;
const SIZE = pieceBytes(BYTES, 0);

function frames(piece: number, fill = 7): PieceFrame[] {
  const size = pieceBytes(BYTES, piece);
  const all: PieceFrame[] = [];
  for (let offset = 0; offset < size; offset += FRAME_PAYLOAD_BYTES) {
    const payload = new Uint8Array(Math.min(FRAME_PAYLOAD_BYTES, size - offset)).fill(fill);
    all.push({ type: 'piece', segment: SEGMENT, piece, offset, payload });
  }
  return all;
}

function asked(...pieces: number[]): PieceAssembler {
  const assembler = new PieceAssembler();
  assembler.requested(PEER, KEY, BYTES, pieces);
  return assembler;
}

const outcomes = (assembler: PieceAssembler, ...all: PieceFrame[]) =>
  all.map((frame) => assembler.take(PEER, frame).type);

test('a requested piece comes together from its frames, also when two interleave', () => {
  const assembler = asked(0, 1);
  const [a, b] = [frames(0, 1), frames(1, 2)];
  const mixed = a.flatMap((frame, i) => [frame, b[i] ?? frame]);
  const results = mixed.map((frame) => assembler.take(PEER, frame));
  const pieces = results.filter((result) => result.type === 'piece');
  expect(pieces.map(({ bytes }) => [bytes.length, bytes[0], bytes.at(-1)])).toEqual([
    [SIZE, 1, 1],
    [SIZE, 2, 2],
  ]);
  expect(results.filter(({ type }) => type === 'progress')).toHaveLength(mixed.length - 2);
});

test.each<[string, (all: PieceFrame[]) => (PieceFrame | undefined)[]]>([
  ['never asked for', ([first]) => [first && { ...first, piece: 3 }]],
  ['of another segment', ([first]) => [first && { ...first, segment: { ...SEGMENT, msn: 6 } }]],
  ['starting in the middle', ([, second]) => [second]],
  ['sent twice in part', ([first]) => [first, first]],
  ['with a short frame', ([first]) => [first && { ...first, payload: first.payload.subarray(1) }]],
  ['sent again after it came', (all) => [...all, all[0]]],
])('a piece %s is a fault', (_name, pick) => {
  const sent = pick(frames(0)).filter((frame) => frame !== undefined);
  expect(outcomes(asked(0), ...sent).at(-1)).toBe('fault');
});

test('a piece of another neighbour’s request is a fault', () => {
  const [first] = frames(0);
  expect(first && asked(0).take('b'.repeat(16), first).type).toBe('fault');
});

test('taken back and asked again, it may come twice and no more', () => {
  const assembler = asked(0);
  assembler.requested(PEER, KEY, BYTES, [0]);
  expect(outcomes(assembler, ...frames(0), ...frames(0)).filter((type) => type === 'piece')).toHaveLength(2);
  expect(outcomes(assembler, ...frames(0).slice(0, 1))).toEqual(['fault']);
});

test('a rejected piece is not owed any more', () => {
  const assembler = asked(0, 1);
  assembler.rejected(PEER, KEY, [0]);
  expect(outcomes(assembler, ...frames(0).slice(0, 1))).toEqual(['fault']);
  expect(outcomes(assembler, ...frames(1)).at(-1)).toBe('piece');
});

test('when the link closes, what broke off is told and nothing is owed', () => {
  const assembler = asked(0, 1);
  const [first] = frames(0);
  if (first !== undefined) assembler.take(PEER, first);
  expect(assembler.closed(PEER)).toBe(FRAME_PAYLOAD_BYTES);
  expect(outcomes(assembler, ...frames(1).slice(0, 1))).toEqual(['fault']);
});

test('no sequence of frames makes it throw or yields a piece of the wrong size', () => {
  const frame = fc.record({
    type: fc.constant('piece' as const),
    segment: fc.constant(SEGMENT),
    piece: fc.nat(511),
    offset: fc.oneof(fc.constantFrom(0, FRAME_PAYLOAD_BYTES), fc.nat(0xffffffff)),
    payload: fc
      .constantFrom(1, FRAME_PAYLOAD_BYTES, SIZE % FRAME_PAYLOAD_BYTES)
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
