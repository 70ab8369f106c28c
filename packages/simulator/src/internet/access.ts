import type { Millis } from '@freshet/protocol';

/**
 * A viewer's line to the internet: its rates in kbit/s, and the upstream queue of its modem beyond which packets are
 * dropped.
 */
export interface Access {
  readonly downKbps: number;
  readonly upKbps: number;
  readonly queueMs: Millis;
}

interface AccessClass {
  readonly name: string;
  readonly share: number;
  readonly downKbps: number;
  readonly upKbps: number;
  /** Least and most. */
  readonly queueMs: readonly [Millis, Millis];
}

/**
 * An approximation, not a data set: five kinds of access. Their rates are rounded from the technology tiers of the
 * FCC's Measuring Broadband America (twelfth report, 2022: DSL about 1 Mbit/s up, cable 10 to 35, fibre symmetric) and
 * the world medians of Ookla's Speedtest Global Index (2023: fixed about 80 down and 40 up, mobile about 45 and 10).
 * The queues are of the order that measurements of home routers found (Kreibich and others, "Netalyzr", 2010: several
 * hundred ms on DSL and cable, more than a second on some). The shares are our guess at a mixed audience.
 */
const CLASSES: readonly AccessClass[] = [
  { name: 'dsl', share: 0.15, downKbps: 12_000, upKbps: 1_000, queueMs: [300, 1000] },
  { name: 'mobile', share: 0.25, downKbps: 25_000, upKbps: 6_000, queueMs: [300, 1000] },
  { name: 'cable', share: 0.35, downKbps: 100_000, upKbps: 12_000, queueMs: [200, 600] },
  { name: 'fibre', share: 0.2, downKbps: 200_000, upKbps: 150_000, queueMs: [20, 100] },
  { name: 'poor mobile', share: 0.05, downKbps: 2_500, upKbps: 600, queueMs: [400, 1000] },
];

/** Lines of a class differ by up to this factor either way. */
const WITHIN_CLASS = 2;

export function drawAccess(random: () => number): Access {
  let left = random();
  const scale = WITHIN_CLASS ** (2 * random() - 1);
  const queue = random();
  for (const { share, downKbps, upKbps, queueMs } of CLASSES) {
    left -= share;
    const [least, most] = queueMs;
    const drawn = {
      downKbps: downKbps * scale,
      upKbps: upKbps * scale,
      queueMs: least + queue * (most - least),
    };
    if (left < 0) return drawn;
  }
  return { downKbps: 100_000, upKbps: 12_000, queueMs: 400 };
}
