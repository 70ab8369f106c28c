import type { Millis } from '@freshet/protocol';
import { networkPrefix, type PrefixBits } from '../util/network-prefix.ts';
import { PrefixRate } from './prefix-rate.ts';
import { PrefixShare, type Shortage } from './prefix-share.ts';

/**
 * What is limited for each address prefix. `connections`: TCP; `sockets`: connections to the tracker that have not
 * joined; `viewers`: those that have; `fetches`: segments of recordings that are being fetched; `egress`: bytes sent.
 */
export type BudgetName = 'connections' | 'sockets' | 'viewers' | 'joins' | 'held' | 'fetches' | 'egress';

export interface BudgetOptions {
  readonly bits: PrefixBits;
  readonly maxViewers: number;
  readonly now: () => Millis;
  /** Called for each refusal. */
  readonly onRefused: (budget: BudgetName, shortage: Shortage) => void;
}

/** TCP connections for each allowed viewer: a browser opens six, and one to the tracker. */
export const CONNECTIONS_PER_VIEWER = 8;
/** Sockets that may be joining at a time, beyond one for each allowed viewer: on a small server many find it full. */
const SPARE_SOCKETS = 200;
/** Requests held for each allowed viewer: a low-latency player waits for a playlist and a part, of video and of audio. */
const HELD_PER_VIEWER = 4;
/** A whole audience behind one address may join at once, and again after a minute. On a small server many find it full. */
const JOIN_REFILL_MS = 60_000;
const LEAST_JOINS = 200;

/** The place of requests whose address cannot be read, for example after their connection has ended. */
const UNKNOWN = 'unknown';

/** The budgets of this server, which address prefixes share. Loopback and unknown addresses count like any other. */
export class Budgets {
  /** Requests for these are refused if the prefix, or all prefixes together, have no place left. */
  readonly connections: PrefixShare;
  readonly sockets: PrefixShare;
  readonly viewers: PrefixShare;
  readonly held: PrefixShare;
  readonly #joins: PrefixRate;
  readonly #options: BudgetOptions;

  constructor(options: BudgetOptions) {
    this.#options = options;
    const { maxViewers, onRefused } = options;
    const share = (budget: BudgetName, limit: number) =>
      new PrefixShare(limit, (shortage) => {
        onRefused(budget, shortage);
      });
    this.connections = share('connections', maxViewers * CONNECTIONS_PER_VIEWER);
    this.sockets = share('sockets', maxViewers + SPARE_SOCKETS);
    this.viewers = share('viewers', maxViewers);
    this.held = share('held', maxViewers * HELD_PER_VIEWER);
    this.#joins = new PrefixRate(Math.max(LEAST_JOINS, maxViewers), JOIN_REFILL_MS, () => {
      onRefused('joins', 'prefix');
    });
  }

  /** Counts a refusal by a budget that is kept elsewhere: `fetches` in each recording, `egress` in its gate. */
  refused(budget: 'fetches' | 'egress', shortage: Shortage): void {
    this.#options.onRefused(budget, shortage);
  }

  prefixOf(address: string | undefined): string {
    return networkPrefix(address ?? '', this.#options.bits) ?? UNKNOWN;
  }

  /** Whether a viewer of this prefix may try to join now. */
  mayJoin(prefix: string): boolean {
    return this.#joins.take(prefix, this.#options.now());
  }
}
