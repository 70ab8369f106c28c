import { expect, it } from 'vitest';
import { Calls } from './calls.ts';

const [A, B] = ['a'.repeat(16), 'b'.repeat(16)];

function introduced() {
  const calls = new Calls();
  calls.introduced(B, A, 0);
  return calls;
}

it('S7: only the side that was told to dial makes an offer, and only the other answers', () => {
  const calls = introduced();
  expect(calls.takeTurn(A, B, 'offer', 1)).toBe(false);
  expect(calls.takeTurn(A, B, 'answer', 1)).toBe(false);
  expect(calls.takeTurn(B, A, 'offer', 1)).toBe(true);
  expect(calls.takeTurn(B, A, 'answer', 1)).toBe(false);
  expect(calls.takeTurn(A, B, 'answer', 1)).toBe(true);
  expect(calls.takeTurn(A, B, 'answer', 1)).toBe(false);
});

it('S7: one offer is open at a time, and one more follows with relays', () => {
  const calls = introduced();
  expect(calls.takeTurn(B, A, 'offer', 1)).toBe(true);
  expect(calls.takeTurn(B, A, 'offer', 2)).toBe(false);
  expect(calls.takeTurn(A, B, 'answer', 3)).toBe(true);
  expect(calls.takeTurn(B, A, 'offer', 4)).toBe(true);
  expect(calls.takeTurn(A, B, 'answer', 5)).toBe(true);
  expect(calls.takeTurn(B, A, 'offer', 6)).toBe(false);
  calls.introduced(A, B, 7);
  expect(calls.takeTurn(B, A, 'offer', 8)).toBe(false);
  expect(calls.takeTurn(A, B, 'offer', 8)).toBe(true);
});

it('C4: bounds the candidates of a side with each description', () => {
  const calls = introduced();
  const admitted = (from: string, to: string) =>
    Array.from({ length: 30 }, () => calls.admit(from, to, 1)).filter(Boolean).length;
  calls.takeTurn(B, A, 'offer', 1);
  expect([admitted(B, A), admitted(B, A), admitted(A, B)]).toEqual([20, 0, 20]);
  calls.takeTurn(A, B, 'answer', 1);
  calls.takeTurn(B, A, 'offer', 1);
  expect([admitted(B, A), admitted(A, B)]).toEqual([20, 20]);
});

it('S7: a call is over a minute after the introduction, and is forgotten with the next', () => {
  const calls = introduced();
  expect(calls.takeTurn(B, A, 'candidate', 59_999)).toBe(true);
  expect(calls.takeTurn(B, A, 'offer', 60_000)).toBe(false);
  expect(calls.takeTurn(B, A, 'candidate', 60_000)).toBe(false);
  calls.introduced('c'.repeat(16), A, 60_000);
  expect(calls.size).toBe(1);
});
