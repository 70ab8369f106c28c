import type { Millis, PeerId } from '@freshet/protocol';

/** New peers that a viewer may meet at once, for each of its seats: dials fail, and neighbours leave. */
const PEERS_FOR_A_SEAT = 3;
/** A spent budget is full again after this time. */
const REFILL_MS = 120_000;
/** What both get back once they are linked: whoever only collects addresses makes no links. */
const REFUND = 0.75;
/** New peers that a viewer on probation may meet at once. */
const ON_PROBATION = 2;
/** Budgets of viewers who left that are kept; those of the network that was idle for longest are dropped first. */
const MAX_LEFT = 50_000;

interface Budget {
  level: number;
  at: Millis;
}

/**
 * Limits how many different peers a viewer meets, so that no connection learns the addresses of a whole swarm. Both
 * ends of an introduction pay for it. A viewer that leaves with a spent budget leaves it to the next newcomer of its
 * network: joining again gains nothing, and a network gets as many budgets as it has viewers at a time.
 */
export class IntroductionBudget {
  readonly #capacity: number;
  readonly #budgets = new Map<PeerId, Budget>();
  /** The spent budgets of viewers who left, by network; the network that was used last is the last. */
  readonly #left = new Map<string, Budget[]>();
  #leftCount = 0;

  constructor(maxNeighbours: number) {
    this.#capacity = PEERS_FOR_A_SEAT * maxNeighbours;
  }

  /** @param onProbation a viewer of this network was banned lately */
  joined(peer: PeerId, network: string, onProbation: boolean, now: Millis): void {
    const budget = this.#inherit(network, now) ?? { level: this.#capacity, at: now };
    if (onProbation) budget.level = Math.min(budget.level, ON_PROBATION);
    this.#budgets.set(peer, budget);
  }

  left(peer: PeerId, network: string, now: Millis): void {
    const budget = this.#budgets.get(peer);
    if (budget === undefined) return;
    this.#budgets.delete(peer);
    if (this.#levelOf(budget, now) >= this.#capacity) return;
    const list = this.#takeList(network);
    list.push(budget);
    this.#putList(network, list);
    for (const oldest of this.#left.keys()) {
      if (this.#leftCount <= MAX_LEFT) break;
      this.#takeList(oldest);
    }
  }

  /** The number of new peers that it may meet now. */
  of(peer: PeerId, now: Millis): number {
    const budget = this.#budgets.get(peer);
    return budget === undefined ? 0 : Math.max(0, Math.floor(this.#levelOf(budget, now)));
  }

  /** The number of viewers that may meet nobody new for now. */
  spentBy(now: Millis): number {
    let count = 0;
    for (const budget of this.#budgets.values()) if (this.#levelOf(budget, now) < 1) count++;
    return count;
  }

  spend(peer: PeerId, now: Millis): void {
    this.#take(peer, 1, now);
  }

  /** The peer is linked with a new one, as both ends report. */
  refund(peer: PeerId, now: Millis): void {
    this.#take(peer, -REFUND, now);
  }

  /** Takes away what an accused viewer could still spend, and a share of what it could earn. */
  fine(peer: PeerId, now: Millis): void {
    this.#take(peer, this.#capacity / 2, now);
  }

  #take(peer: PeerId, count: number, now: Millis): void {
    const budget = this.#budgets.get(peer);
    if (budget === undefined) return;
    budget.level = Math.max(-this.#capacity, Math.min(this.#capacity, this.#levelOf(budget, now) - count));
    budget.at = now;
  }

  #levelOf({ level, at }: Budget, now: Millis): number {
    return Math.min(this.#capacity, level + ((now - at) / REFILL_MS) * this.#capacity);
  }

  /** The most spent budget of the network: whoever joins again and again finds its own. */
  #inherit(network: string, now: Millis): Budget | undefined {
    const spent = this.#takeList(network).filter((budget) => this.#levelOf(budget, now) < this.#capacity);
    let lowest: Budget | undefined;
    for (const budget of spent)
      if (lowest === undefined || this.#levelOf(budget, now) < this.#levelOf(lowest, now)) lowest = budget;
    this.#putList(
      network,
      spent.filter((budget) => budget !== lowest),
    );
    return lowest && { level: this.#levelOf(lowest, now), at: now };
  }

  #takeList(network: string): Budget[] {
    const list = this.#left.get(network) ?? [];
    this.#left.delete(network);
    this.#leftCount -= list.length;
    return list;
  }

  #putList(network: string, list: Budget[]): void {
    if (list.length > 0) this.#left.set(network, list);
    this.#leftCount += list.length;
  }
}
