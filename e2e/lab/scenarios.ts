import type { Home } from './home.ts';

/** One situation: the viewers' homes, and how viewers come and go. */
export interface Scenario {
  readonly name: string;
  /** For `--help`. */
  readonly about: string;
  readonly homes: readonly Home[];
  /** Time between two joins. */
  readonly joinEveryMs: number;
  /** Mean of the random time after which a viewer leaves and another joins in its home. Undefined: viewers stay. */
  readonly meanStayMs?: number;
  /** Transport to the TURN server that viewers get besides STUN. Undefined: they get none. */
  readonly turn?: 'udp' | 'tcp';
  /** The homes of one half cannot send to those of the other. */
  readonly halves?: boolean;
  /** The line of one home, by index, that carries nothing for a while. It is cut 10 s after the last join. */
  readonly cut?: { readonly home: number; readonly forMs: number };
  /** The stream comes in parts. */
  readonly lowLatency?: boolean;
}

const JOIN_EVERY_MS = 1000;
const HOMES = 6;
/** Its uplink is three times the stream's 850 kbit/s. */
const HOME: Home = {
  nat: 'cone',
  oneWayMs: 20,
  jitterMs: 0,
  loss: 0.003,
  upKbps: 2500,
  downKbps: 20_000,
  queueMs: 400,
};

export const SCENARIOS: readonly Scenario[] = [
  scenario('uplink-0.7', 'uplinks of 600 kbit/s, 0.7 of the bitrate', { upKbps: 600 }),
  scenario('uplink-1.4', 'uplinks of 1,200 kbit/s', { upKbps: 1200 }),
  scenario('uplink-3', 'uplinks of 2,500 kbit/s; the base of all other scenarios'),
  scenario('uplink-6', 'uplinks of 5,000 kbit/s', { upKbps: 5000 }),
  scenario('mixed', 'uplinks of 255, 1,200 and 8,500 kbit/s in turn', [
    { upKbps: 255 },
    { upKbps: 1200 },
    { upKbps: 8500 },
  ]),
  scenario('far', '60 ms one way: round trips of 120 ms to the server, 240 ms between viewers', {
    oneWayMs: 60,
  }),
  scenario('near', '5 ms one way', { oneWayMs: 5 }),
  scenario('very-far', '120 ms one way', { oneWayMs: 120 }),
  scenario('loss', '1 % packet loss each way', { loss: 0.01 }),
  scenario('jitter', '0 to 20 ms of extra delay each way', { jitterMs: 20 }),
  scenario('all-at-once', 'all join at the same moment', {}, { joinEveryMs: 0 }),
  scenario('churn', 'each leaves after a mean stay of 20 s and is replaced', {}, { meanStayMs: 20_000 }),
  // The list repeats over the homes, so it has an entry for each of the six.
  scenario('thin-downlink', 'a downlink of 1 Mbit/s at the second home, 20 Mbit/s at the others', [
    {},
    { downKbps: 1000 },
    ...Array.from({ length: HOMES - 2 }, () => ({})),
  ]),
  scenario('symmetric', 'symmetric NATs, TURN over UDP', { nat: 'symmetric' }, { turn: 'udp' }),
  scenario('no-udp', 'routers that drop UDP, TURN over TCP', { nat: 'no-udp' }, { turn: 'tcp' }),
  scenario('halves', 'two groups of three homes that cannot reach each other', {}, { halves: true }),
  scenario('cut', 'the second home’s line carries nothing for 5 s', {}, { cut: { home: 1, forMs: 5000 } }),
  scenario('low-latency', '4 s segments in parts of 0.5 s', {}, { lowLatency: true }),
];

/** @param change for all homes alike, or a list that repeats over the homes. */
function scenario(
  name: string,
  about: string,
  change: Partial<Home> | readonly Partial<Home>[] = {},
  options: Partial<Scenario> = {},
): Scenario {
  const changes = [change].flat();
  const homes = Array.from({ length: HOMES }, (_, i) => ({ ...HOME, ...changes[i % changes.length] }));
  return { joinEveryMs: JOIN_EVERY_MS, ...options, name, about, homes };
}

/** The same scenario with another number of homes: the first ones, or the list repeated. */
export function withHomes(scenario: Scenario, count: number): Scenario {
  const { homes } = scenario;
  const home = (i: number): Home => homes[i % homes.length] ?? HOME;
  return { ...scenario, homes: Array.from({ length: count }, (_, i) => home(i)) };
}
