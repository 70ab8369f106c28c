import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Line, PACKET_BYTES } from './line.ts';
import { QueueMeter } from './queue-meter.ts';

it('sends one load after another', () => {
  const line = new Line(8);
  const leaves = [0, 50, 500].map((at) => {
    line.put(100, 1, at);
    return line.freeAt;
  });
  expect(leaves).toEqual([100, 200, 600]);
  expect(line.backlogMs(550)).toBe(50);
  expect(line.backlogMs(700)).toBe(0);
});

it('passes a train that comes at its rate or slower without a wait', () => {
  const line = new Line(80);
  line.put(1000, 10, 0, 100);
  expect(line.freeAt).toBe(110);
  line.put(100, 10, 200, 300);
  expect(line.freeAt).toBe(301);
});

it('loses exactly the packets that find no room in its queue', () => {
  const line = new Line(8 * PACKET_BYTES, 10);
  expect(line.put(14 * PACKET_BYTES, 14, 0)).toBe(4);
  expect(line.freeAt).toBe(10);
  expect(line.put(PACKET_BYTES, 1, 0.5)).toBe(1);
  expect(line.put(PACKET_BYTES, 1, 1)).toBe(0);
  expect([line.droppedPackets, line.bytes]).toEqual([5, 11 * PACKET_BYTES]);
});

interface Put {
  readonly packets: number;
  readonly pauseMs: number;
  readonly spreadMs: number;
}

const puts = fc.array(
  fc.record<Put>({
    packets: fc.integer({ min: 1, max: 20 }),
    pauseMs: fc.double({ min: 0, max: 200, noNaN: true }),
    spreadMs: fc.double({ min: 0, max: 50, noNaN: true }),
  }),
  { maxLength: 40 },
);

it('loses or passes every packet, never faster than its rate, with no wait longer than its queue', () => {
  fc.assert(
    fc.property(puts, fc.integer({ min: 100, max: 50_000 }), (trains, kbps) => {
      const line = new Line(kbps, 400);
      const mostMs = Math.max(400, (4 * PACKET_BYTES) / line.bytesPerMs);
      let now = 0;
      let startAt: number | undefined;
      let [passed, lost] = [0, 0];
      for (const { packets, pauseMs, spreadMs } of trains) {
        now += pauseMs;
        startAt ??= now;
        const before = Math.max(now, line.freeAt);
        const dropped = line.put(packets * PACKET_BYTES, packets, now, now + spreadMs);
        now += spreadMs;
        lost += dropped;
        passed += packets - dropped;
        expect(line.freeAt).toBeGreaterThanOrEqual(before - spreadMs - 1e-6);
        expect(line.backlogMs(now)).toBeLessThanOrEqual(mostMs + 1e-6);
      }
      expect(line.droppedPackets).toBe(lost);
      expect(line.bytes).toBeCloseTo(passed * PACKET_BYTES, 3);
      if (passed > 0)
        expect(line.bytes).toBeLessThanOrEqual((line.freeAt - (startAt ?? 0)) * line.bytesPerMs + 1e-3);
    }),
  );
});

it('records how long packets wait, including their own time', () => {
  const meter = new QueueMeter();
  const line = new Line(8 * PACKET_BYTES, 400, meter);
  line.put(10 * PACKET_BYTES, 10, 0);
  expect([0.1, 0.5, 0.95, 1].map((share) => meter.quantile(share))).toEqual([1, 5, 10, 10]);
  expect(new QueueMeter().quantile(0.95)).toBe(0);
});
