import type { Millis } from '@freshet/protocol';
import { seededRandom } from '@freshet/swarm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../clock/virtual-clock.ts';
import { Flow, type Route } from './flow.ts';
import { Line } from './line.ts';
import { Message } from './message.ts';
import { SCTP } from './transport.ts';

const COARSE = 20 * SCTP.payloadBytes;

class Told extends Message {
  readonly #tell: (now: Millis) => void;

  constructor(bytes: number, tell: (now: Millis) => void) {
    super(bytes);
    this.#tell = tell;
  }

  override arrived(now: Millis): void {
    this.#tell(now);
  }
}

interface Lab {
  readonly upKbps?: number;
  readonly queueMs?: Millis;
  readonly wayMs?: Millis;
  readonly loss?: number;
  readonly burstBytes?: number;
  readonly seed?: number;
}

function lab({ upKbps = 20_000, queueMs = 400, wayMs = 40, loss = 0, burstBytes = 1160, seed = 1 }: Lab) {
  const clock = new VirtualClock();
  const door = () => ({ up: new Line(upKbps, queueMs), down: new Line(20_000, 400) });
  const route: Route = { from: door(), to: door(), wayMs, jitterMs: 0, loss };
  const flow = new Flow(clock, seededRandom(seed), route, SCTP, burstBytes);
  const arrivals: { readonly name: number; readonly at: Millis }[] = [];
  const send = (name: number, bytes: number) => {
    flow.send(new Told(bytes, (at) => arrivals.push({ name, at })));
  };
  return { clock, route, flow, arrivals, send };
}

/** The time until 1 MB has arrived, in frames of 16 KiB of which some wait, as hosts hand them over. */
function timeForMegabyte(of: Lab): Millis {
  const { clock, flow, arrivals } = lab(of);
  let sent = 0;
  const feed = () => {
    while (sent < 61 && flow.unsentBytes <= 49_152) {
      sent++;
      flow.queue(
        new Told(16_384, (at) => {
          arrivals.push({ name: sent, at });
          feed();
        }),
      );
    }
    flow.flush();
  };
  feed();
  clock.runUntil(600_000);
  expect(arrivals.length).toBe(61);
  return arrivals.at(-1)?.at ?? 0;
}

describe.each([
  ['packet by packet', 1160],
  ['in bursts', COARSE],
])('Flow %s', (_, burstBytes) => {
  it('delivers everything once and in order, for any loss', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 40_000 }), { minLength: 1, maxLength: 20 }),
        fc.constantFrom(0, 0.01, 0.2),
        fc.integer({ min: 100, max: 50_000 }),
        fc.nat(1000),
        (sizes, loss, upKbps, seed) => {
          const { clock, flow, arrivals, send } = lab({ loss, upKbps, burstBytes, seed });
          for (const [name, bytes] of sizes.entries()) send(name, bytes);
          clock.runUntil(3_600_000);
          expect(arrivals.map(({ name }) => name)).toEqual(sizes.map((_size, name) => name));
          expect(flow.unsentBytes).toBe(0);
          // Acknowledgements that no sender waits for are processed at the next send.
          flow.flush();
          expect(flow.window.inFlight).toBeLessThan(1);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('moves about one window in a round trip: distant links starve on small windows', () => {
    const { clock, arrivals, send } = lab({ wayMs: 120, burstBytes });
    send(1, 11_000);
    send(2, 11_000);
    clock.runUntil(10_000);
    const [first, second] = arrivals.map(({ at }) => at);
    expect(first).toBeGreaterThan(120);
    expect(second).toBeGreaterThan(360);
    // At 0.6 % a window is seldom above a dozen packets: little of the line's 2,500 bytes/ms is used.
    expect(1e6 / timeForMegabyte({ wayMs: 120, loss: 0.006, burstBytes })).toBeLessThan(120);
  });

  it('uses a slow line fully for its bytes and headers', () => {
    const kbps = (8 * 1e6) / timeForMegabyte({ upKbps: 1200, wayMs: 5, burstBytes });
    expect(kbps).toBeGreaterThan(0.75 * 1200);
    expect(kbps).toBeLessThanOrEqual(1200 / 1.09);
  });

  it('shows the queue of the line as delay, also of control frames', () => {
    const { clock, route, arrivals, send } = lab({ upKbps: 1200, burstBytes });
    send(1, 32);
    clock.runUntil(1000);
    expect(arrivals[0]?.at).toBeCloseTo(41, -1);
    route.from.up.put(45_000, 45, clock.now);
    send(2, 32);
    clock.runUntil(5000);
    expect((arrivals[1]?.at ?? 0) - 1000).toBeGreaterThan(340);
  });

  it('shows a loss in the middle as a delay of about a round trip, and a loss at the end as a timeout', () => {
    const delays = (bytes: number) =>
      Array.from({ length: 300 }, (_run, seed) => {
        const { clock, arrivals, send } = lab({ loss: 0.02, burstBytes, seed });
        send(1, bytes);
        clock.runUntil(20_000);
        return arrivals[0]?.at ?? Infinity;
      }).sort((a, b) => a - b);
    const pieces = delays(11_000);
    const least = pieces[0] ?? 0;
    const late = pieces.filter((at) => at > least + 10);
    expect(late.length).toBeGreaterThan(30);
    expect(late.filter((at) => at > least + 60 && at < least + 260).length).toBeGreaterThan(late.length / 3);
    const frames = delays(32);
    expect(frames.at(-1)).toBeGreaterThan(500);
  });

  it('loses packets that find no room on the line, sends them again, and shrinks its window', () => {
    const windows = [60, 10_000].map((queueMs) => {
      const { clock, route, flow, arrivals, send } = lab({ upKbps: 1200, queueMs, burstBytes });
      for (let name = 0; name < 6; name++) send(name, 16_384);
      clock.runUntil(60_000);
      expect(arrivals.length).toBe(6);
      expect(route.from.up.droppedPackets > 0).toBe(queueMs === 60);
      return flow.window.bytes;
    });
    expect(windows[0]).toBeLessThan(0.75 * (windows[1] ?? 0));
  });
});

it('takes about as long in bursts as packet by packet', () => {
  for (const of of [{ wayMs: 5 }, { wayMs: 40 }, { upKbps: 2500, wayMs: 20 }, { upKbps: 600 }]) {
    const fine = timeForMegabyte({ ...of, burstBytes: 1160 });
    const coarse = timeForMegabyte({ ...of, burstBytes: COARSE });
    expect(coarse / fine).toBeGreaterThan(0.7);
    expect(coarse / fine).toBeLessThan(1.4);
  }
});

it('delivers nothing more once it is closed', () => {
  const { clock, flow, arrivals, send } = lab({});
  send(1, 50_000);
  clock.runUntil(20);
  flow.close();
  send(2, 100);
  clock.runUntil(10_000);
  expect([arrivals, flow.unsentBytes]).toEqual([[], 0]);
});
