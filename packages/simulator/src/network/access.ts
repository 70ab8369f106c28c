/** A viewer's line to the internet, in kbit/s. */
export interface Access {
  readonly downKbps: number;
  readonly upKbps: number;
}

interface AccessClass {
  readonly name: string;
  readonly share: number;
  readonly downKbps: number;
  readonly upKbps: number;
}

/**
 * An approximation, not a data set: five kinds of access. Their rates are rounded from the technology tiers of the
 * FCC's Measuring Broadband America (twelfth report, 2022: DSL about 1 Mbit/s up, cable 10 to 35, fibre symmetric) and
 * the world medians of Ookla's Speedtest Global Index (2023: fixed about 80 down and 40 up, mobile about 45 and 10). The
 * shares are our guess at a mixed audience.
 */
const CLASSES: readonly AccessClass[] = [
  { name: 'dsl', share: 0.15, downKbps: 12_000, upKbps: 1_000 },
  { name: 'mobile', share: 0.25, downKbps: 25_000, upKbps: 6_000 },
  { name: 'cable', share: 0.35, downKbps: 100_000, upKbps: 12_000 },
  { name: 'fibre', share: 0.2, downKbps: 200_000, upKbps: 150_000 },
  { name: 'poor mobile', share: 0.05, downKbps: 2_500, upKbps: 600 },
];

/** Lines of a class differ by up to this factor either way. */
const WITHIN_CLASS = 2;

export function drawAccess(random: () => number): Access {
  let left = random();
  const scale = WITHIN_CLASS ** (2 * random() - 1);
  for (const { share, downKbps, upKbps } of CLASSES) {
    left -= share;
    if (left < 0) return { downKbps: downKbps * scale, upKbps: upKbps * scale };
  }
  return { downKbps: 100_000, upKbps: 12_000 };
}
