import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../util/random.ts';
import { UplinkControl } from './uplink-control.ts';

interface Line {
  readonly kbps: number;
  /** From the modem to the arrival of a neighbour's feedback, without a queue. */
  readonly roundTripMs: number;
  readonly jitterMs?: number;
  /** Traffic of other programs on the line, as a constant stream of small packets. */
  readonly otherKbps?: number;
  readonly links?: number;
  /** Bytes of pieces a millisecond that neighbours request; default: more than the line carries. */
  readonly demand?: number;
  /** At this time the line changes to `nextKbps`. */
  readonly changesAt?: number;
  readonly nextKbps?: number;
  readonly seconds?: number;
}

const PACKET = 1160;
const HEADERS = 107;

/** Simulates a modem's queue, a host that paces whole packets, and neighbours' feedback, packet by packet. */
function run(line: Line) {
  const { roundTripMs, jitterMs = 1, otherKbps = 0, links = 5, seconds = 30 } = line;
  const control = new UplinkControl(0);
  const random = seededRandom(7);
  const feedbacks: { at: number; give: () => void }[] = [];
  const queues: { at: number; ms: number }[] = [];
  let [now, freeAt, nextFrameAt, sentBytes, link, left, owed, nextOther, run] = [0, 0, 0, 0, 0, 0, 0, 0, 0];
  let since = { bytes: 0, least: Number.POSITIVE_INFINITY, at: Number.NEGATIVE_INFINITY };
  let mediaBytes = 0;
  const rate = () =>
    (line.changesAt !== undefined && now >= line.changesAt ? (line.nextKbps ?? 1) : line.kbps) / 8;
  const enter = (bytes: number) => {
    freeAt = Math.max(freeAt, now) + bytes / rate();
    queues.push({ at: now, ms: freeAt - now });
  };
  const frame = () => {
    const bytes = Math.min(left, PACKET);
    left -= bytes;
    sentBytes += bytes;
    if (now > 5000) mediaBytes += bytes;
    enter(bytes + HEADERS);
    const delay = freeAt - now + random() * jitterMs;
    since = { bytes: since.bytes + bytes, least: Math.min(since.least, delay), at: since.at };
    if ((left > 0 && since.bytes < 6000) || now - since.at < 40) return;
    const feedback = { sentAt: now, delay: since.least, sentBytes, run };
    const peer = `peer-${link}`;
    feedbacks.push({
      at: now + delay + roundTripMs,
      give: () => {
        control.feedback(peer, feedback, now);
      },
    });
    since = { bytes: 0, least: Number.POSITIVE_INFINITY, at: now };
  };
  for (; now < seconds * 1000; now++) {
    owed += line.demand ?? 1e9;
    for (; otherKbps > 0 && nextOther <= now; nextOther += (200 * 8) / otherKbps) enter(200);
    while (nextFrameAt <= now) {
      if (left <= 0 && owed < 16_384) {
        if (now - nextFrameAt > 30) run++;
        break;
      }
      if (left <= 0) {
        left = 16_384;
        owed = Math.min(owed - left, 1e6);
        link = (link + 1) % links;
        since = { bytes: 0, least: Number.POSITIVE_INFINITY, at: since.at };
      }
      const bytes = Math.min(left, PACKET);
      frame();
      nextFrameAt = Math.max(nextFrameAt, now - 20) + bytes / control.pace;
    }
    for (const { at, give } of feedbacks.filter((feedback) => feedback.at <= now)) {
      give();
      feedbacks.splice(
        feedbacks.findIndex((feedback) => feedback.at === at),
        1,
      );
    }
  }
  const settled = queues
    .filter(({ at }) => at > 5000)
    .map(({ ms }) => ms)
    .sort((a, b) => a - b);
  const capacity = (line.nextKbps ?? line.kbps) / 8 - otherKbps / 8;
  return {
    control,
    queueP95: settled[Math.floor(settled.length * 0.95)] ?? 0,
    utilisation: (mediaBytes * (PACKET + HEADERS)) / PACKET / (capacity * (seconds * 1000 - 5000)),
  };
}

describe('the pace of an uplink with more requests than it carries', () => {
  it('uses nine tenths of any line, with less than 50 ms of queue (65 on the thinnest), at any distance', () => {
    fc.assert(
      fc.property(
        fc.record({
          kbps: fc.integer({ min: 600, max: 10_000 }),
          roundTripMs: fc.integer({ min: 5, max: 250 }),
          jitterMs: fc.integer({ min: 0, max: 20 }),
          links: fc.integer({ min: 1, max: 8 }),
        }),
        (line) => {
          const { queueP95, utilisation } = run(line);
          expect(utilisation).toBeGreaterThan(0.9);
          // At 600 kbit/s a packet alone takes 17 ms.
          expect(queueP95).toBeLessThan(line.kbps < 800 ? 65 : 50);
        },
      ),
      // The same lines each time: at the edges the bounds hold by a few milliseconds.
      { numRuns: 15, seed: 7 },
    );
  });

  it('leaves a call its bandwidth', () => {
    const { queueP95, utilisation } = run({ kbps: 1200, roundTripMs: 80, otherKbps: 75 });
    expect(queueP95).toBeLessThan(40);
    expect(utilisation).toBeGreaterThan(0.88);
  });

  it('follows a line that becomes thinner, and one that becomes faster', () => {
    const thinner = run({ kbps: 2500, roundTripMs: 80, changesAt: 10_000, nextKbps: 1000, seconds: 40 });
    expect(thinner.control.pace * 8).toBeLessThan(1000);
    expect(thinner.control.pace * 8).toBeGreaterThan(700);
    const faster = run({ kbps: 1000, roundTripMs: 80, changesAt: 10_000, nextKbps: 2500, seconds: 40 });
    expect(faster.control.pace * 8).toBeGreaterThan(2000);
  });

  it('yields the capacity of the line', () => {
    const { control } = run({ kbps: 1200, roundTripMs: 40 });
    expect((control.capacity ?? 0) * 8).toBeGreaterThan(1200 * 0.85);
    expect((control.capacity ?? 0) * 8).toBeLessThan(1200);
  });
});

describe('the pace of an uplink with fewer requests', () => {
  it('leaves no queue, and does not underestimate the line', () => {
    const { control, queueP95 } = run({ kbps: 5000, roundTripMs: 80, demand: 90 });
    expect(queueP95).toBeLessThan(20);
    expect(control.pace).toBeGreaterThan(90);
  });
});

describe('feedback', () => {
  const feedback = { sentAt: 0, delay: 0, sentBytes: 0, run: 0 };

  it('of any kind leaves a finite pace of at least 8 bytes a millisecond', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            peer: fc.constantFrom('ann', 'bob'),
            afterMs: fc.nat(5000),
            agoMs: fc.nat(5000),
            delay: fc.integer(),
            bytes: fc.nat(1e6),
            run: fc.nat(3),
          }),
        ),
        (told) => {
          const control = new UplinkControl(0);
          let [now, sentBytes] = [0, 0];
          for (const { peer, afterMs, agoMs, delay, bytes, run } of told) {
            now += afterMs;
            sentBytes += bytes;
            control.feedback(peer, { sentAt: now - agoMs, delay, sentBytes, run }, now);
            expect(control.pace).toBeGreaterThanOrEqual(8);
            expect(control.pace).toBeLessThan(Number.POSITIVE_INFINITY);
          }
        },
      ),
    );
  });

  it('of one neighbour behind a full line of its own does not slow the others down', () => {
    const control = new UplinkControl(0);
    let [now, sentBytes] = [0, 0];
    for (let i = 0; i < 100; i++) {
      now += 60;
      sentBytes += 6000;
      control.feedback('fine', { ...feedback, sentAt: now - 50, delay: 10, sentBytes }, now);
      control.feedback('full', { ...feedback, sentAt: now - 40, delay: 10 + i * 4, sentBytes }, now + 10);
    }
    expect(control.pace).toBeGreaterThan(90);
  });
});
