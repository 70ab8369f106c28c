import { type Millis, setBounded } from '@freshet/protocol';

/** A session's stalls count once in this time, ... */
const SESSION_MS = 60_000;
/** ... and only from this long after its first request with CMCD: a made-up session has to wait. */
const KNOWN_MS = 5000;
/** Stalls of one network that count in a minute. In a larger network, more viewers may stall at once than are counted. */
const NETWORK_STALLS = 60;
const MINUTE_MS = 60_000;
/** Sessions and networks that are remembered; the one that was seen least lately is dropped. */
const MAX_SESSIONS = 50_000;
const MAX_NETWORKS = 10_000;

interface Session {
  readonly since: Millis;
  countedAt: Millis;
}

/** Decides which stalls that players report count. What one network says is bounded, and so is the memory. */
export class StallLedger {
  readonly #now: () => Millis;
  readonly #sessions = new Map<string, Session>();
  readonly #networks = new Map<string, { readonly since: Millis; stalls: number }>();

  constructor(now: () => Millis) {
    this.#now = now;
  }

  /**
   * To be called for every request with CMCD.
   * @param session the session's id; empty: none, and the requests of the network without one count as one session
   * @returns whether a stall reported with this request counts
   */
  counts(network: string, session: string, starved: boolean): boolean {
    const now = this.#now();
    const key = `${network} ${session}`;
    const known = this.#sessions.get(key) ?? { since: now, countedAt: Number.NEGATIVE_INFINITY };
    setBounded(this.#sessions, key, known, MAX_SESSIONS);
    if (!starved || now - known.since < KNOWN_MS || now - known.countedAt < SESSION_MS) return false;
    let minute = this.#networks.get(network);
    if (minute === undefined || now - minute.since >= MINUTE_MS) minute = { since: now, stalls: 0 };
    setBounded(this.#networks, network, minute, MAX_NETWORKS);
    if (minute.stalls >= NETWORK_STALLS) return false;
    minute.stalls++;
    known.countedAt = now;
    return true;
  }
}
