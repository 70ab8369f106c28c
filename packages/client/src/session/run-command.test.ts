import { DEFAULT_POLICY, pieceCount, PieceSet, segmentKey } from '@freshet/protocol';
import { expect, test, vi } from 'vitest';
import { type CommandTargets, runCommand } from './run-command.ts';
import { PieceStore } from '../store/piece-store.ts';

const PEER = 'a'.repeat(16);
const SEGMENT = { epoch: 1, rendition: '0a0b0c0d', msn: 5 };
const KEY = segmentKey(SEGMENT);
const BYTES = 20_000;

function targets() {
  const store = new PieceStore();
  store.announce(KEY, BYTES, new Uint8Array(32 * pieceCount(BYTES)));
  const links = {
    send: vi.fn(),
    sendPiece: vi.fn(),
    pacer: { recall: vi.fn(), bytesPerMs: 0 },
  };
  const assembler = { requested: vi.fn() };
  const all = { store, links, receiver: { assembler }, policy: DEFAULT_POLICY };
  return { store, links, assembler, all: all as unknown as CommandTargets };
}

test('sends a piece with its bytes and the backlog, and throws when it is not held', () => {
  const { store, links, all } = targets();
  const command = { type: 'send-piece', peer: PEER, segment: KEY, piece: 1, backlogMs: 120 } as const;
  expect(() => {
    runCommand(command, all);
  }).toThrow('not here');
  const bytes = new Uint8Array(BYTES - 16_384);
  store.put(KEY, 1, bytes);
  runCommand(command, all);
  expect(links.sendPiece.mock.calls).toEqual([
    [PEER, { segment: SEGMENT, piece: 1, bytes: bytes.length }, bytes, 120],
  ]);
});

test('recalls a piece even when its bytes are no longer held', () => {
  const { links, all } = targets();
  runCommand({ type: 'recall-piece', peer: PEER, segment: KEY, piece: 1 }, all);
  expect(links.pacer.recall.mock.calls).toEqual([[PEER, { segment: SEGMENT, piece: 1 }]]);
});

test('sets the pace that the core commands', () => {
  const { links, all } = targets();
  runCommand({ type: 'pace', bytesPerMs: 77 }, all);
  expect(links.pacer.bytesPerMs).toBe(77);
});

test('expects the requested pieces before the request leaves', () => {
  const { links, assembler, all } = targets();
  const frame = { type: 'request', segment: SEGMENT, pieces: PieceSet.of(2, [1]), withinMs: 900 } as const;
  links.send.mockImplementation(() => {
    expect(assembler.requested.mock.calls).toEqual([[PEER, KEY, BYTES, frame.pieces]]);
  });
  runCommand({ type: 'send', peer: PEER, frame }, all);
  expect(links.send.mock.calls).toEqual([[PEER, frame]]);
});
