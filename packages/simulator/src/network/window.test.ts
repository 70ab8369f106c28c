import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SCTP, TCP } from './transport.ts';
import { Window } from './window.ts';

it('starts with ten packets, and grows by one for each acknowledgement while it is the limit', () => {
  const window = new Window(SCTP);
  expect(window.room).toBe(11_910);
  window.sent(11_600, 0);
  window.acknowledged(2320, 1, true, 0);
  expect(window.bytes).toBe(11_910 + 1191);
});

it('does not grow while it is not the limit, nor while it recovers from a loss', () => {
  const window = new Window(SCTP);
  window.sent(5000, 0);
  window.acknowledged(5000, 3, true, 0);
  window.sent(11_600, 0);
  window.acknowledged(2320, 1, false, 0);
  expect(window.bytes).toBe(11_910);
});

it('is halved by a loss, never below four packets, and then grows by one a round trip', () => {
  const window = new Window(SCTP);
  window.shrink();
  expect(window.bytes).toBe(5955);
  window.shrink();
  window.shrink();
  expect(window.bytes).toBe(4764);
  for (let packet = 0; packet < 5; packet++) {
    window.sent(4640, 0);
    window.acknowledged(4640, 2, true, 0);
  }
  // The first acknowledgement may still double it: it is at its threshold.
  expect(window.bytes).toBeGreaterThan(4764);
  expect(window.bytes).toBeLessThan(4764 + 5 * 1191);
});

it('is one packet after a timeout, and doubles up to half of its former size', () => {
  const window = new Window(SCTP);
  window.collapse();
  expect(window.bytes).toBe(1191);
  for (let trip = 0; trip < 3; trip++) {
    const bytes = window.room;
    window.sent(bytes, 0);
    window.acknowledged(bytes, Math.ceil(bytes / 1191), true, 0);
  }
  expect(window.bytes).toBeGreaterThan(5955);
});

it('stops doubling over TCP when packets wait, and starts anew after a rest', () => {
  const window = new Window(TCP);
  const trip = (now: number, waitMs: number) => {
    const bytes = window.room;
    window.sent(bytes, now);
    window.acknowledged(bytes, Math.ceil(bytes / 2896), true, waitMs);
  };
  trip(0, 0);
  expect(window.bytes).toBe(2 * TCP.initialWindow);
  trip(10, 50);
  expect(window.bytes).toBeLessThan(2.2 * TCP.initialWindow);
  window.sent(0, 60_000);
  expect(window.bytes).toBe(TCP.initialWindow);
});

it('waits for an acknowledgement at least as long as round trips take', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 1, max: 5000, noNaN: true }), { minLength: 1 }), (trips) => {
      const window = new Window(SCTP);
      for (const trip of trips) window.measured(trip);
      const least = Math.min(...trips);
      expect(window.timeoutMs).toBeGreaterThanOrEqual(Math.max(400, least));
    }),
  );
});
