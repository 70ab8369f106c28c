import type { HomeTraits } from './home.ts';
import type { Internet } from './internet.ts';
import type { Turn } from './nat.ts';
import { SCTP } from '../network/transport.ts';

/** The homes of a lab. By default a home has 20 ms one way, 0.3 % loss, 2.5 Mbit/s up, 20 Mbit/s down. */
export interface Lab {
  /** Assigned to the homes in turn, like all lists here. */
  readonly upKbps?: readonly number[];
  readonly downKbps?: readonly number[];
  readonly wayMs?: number;
  readonly jitterMs?: number;
  readonly loss?: number;
  readonly nats?: readonly HomeTraits['nat'][];
  readonly turn?: Turn;
}

const UP_KBPS = [2500];
const DOWN_KBPS = [20_000];
const WAY_MS = 20;
const LOSS = 0.003;
const QUEUE_MS = 400;
/**
 * Six browsers that decode video share two cores, and packets wait for them too. Chosen so that the rows agree with the
 * lab of real browsers.
 */
const HOST_MS = 10;
/**
 * The time from entering the address to the playlist, besides five round trips, as the watch page took it on a line
 * without delay.
 */
const PAGE_MS = 600;
const PAGE_ROUND_TRIPS = 5;

/** Homes behind modems, each with its own line to one exchange, where the server is. */
export function labOf(lab: Lab = {}): Internet {
  const { upKbps = UP_KBPS, downKbps = DOWN_KBPS, wayMs = WAY_MS, nats = ['cone'] } = lab;
  const { jitterMs = 0, loss = LOSS, turn = 'none' } = lab;
  return {
    home: (_, order) => ({
      ...{ provider: 0, region: 0, wayMs, jitterMs, loss, queueMs: QUEUE_MS },
      upKbps: inTurn(upKbps, order),
      downKbps: inTurn(downKbps, order),
      nat: inTurn(nats, order),
    }),
    roundTripMs: () => 0,
    unreachableShare: 0,
    turn,
    maxLoss: 0,
    maxJitterMs: 0,
    burstBytes: SCTP.payloadBytes,
    hostMs: HOST_MS,
    pageMs: PAGE_MS + PAGE_ROUND_TRIPS * 2 * wayMs,
    isWatched: true,
  };
}

function inTurn<T>(list: readonly T[], order: number): T {
  const item = list[order % list.length];
  if (item === undefined) throw new RangeError('an empty list of homes');
  return item;
}
