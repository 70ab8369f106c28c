import type { Policy, Signal } from '@freshet/protocol';
import type { LinkKind } from '../api.ts';
import type { PeerLink, PeerLinkFactory, PeerLinkHandlers } from '../peers/peer-link.ts';

export interface PairOptions {
  readonly iceServers: Policy['iceServers'];
  readonly relayOnly?: boolean;
  /** Sides that use relays from the first offer on; side 0 makes the offer. Default: none. */
  readonly relayAtOnce?: readonly number[];
  /**
   * A pattern for candidates, matched with the number of their side before them. Only those that match get across.
   * Default: all.
   */
  readonly passes?: string;
  /** Candidates that are sent after each description as well. Default: none. */
  readonly besides?: readonly string[];
  /** Time that signals take. Default: 0. */
  readonly signalMs?: number;
}

export interface PairFindings {
  readonly offers: number;
  /** From dialling to open on both sides. */
  readonly openMs: number;
  readonly kinds: readonly (LinkKind | undefined)[];
}

/** Two links of one page that reach each other only by the candidates that get across. */
export class LinkedPair {
  readonly #links: PeerLink[] = [];
  readonly #closed: Promise<string>;
  readonly #opened: Promise<unknown>;
  readonly #startedAt = performance.now();
  #offers = 0;

  constructor(open: PeerLinkFactory, options: PairOptions) {
    const {
      iceServers,
      relayOnly = false,
      relayAtOnce = [],
      passes = '',
      besides = [],
      signalMs = 0,
    } = options;
    const pattern = new RegExp(passes);
    const opened: Promise<void>[] = [];
    const closed: Promise<string>[] = [];
    for (const index of [0, 1]) {
      const onSignal = (signal: Signal): void => {
        if (signal.type === 'offer') this.#offers++;
        if (signal.type === 'candidate' && !pattern.test(`${index} ${signal.candidate.candidate}`)) return;
        const send = (what: Signal) => setTimeout(() => this.#links[1 - index]?.signal(what), signalMs);
        send(withoutCandidates(signal));
        if (signal.type === 'candidate') return;
        for (const candidate of besides) send({ type: 'candidate', candidate: { candidate, sdpMid: '0' } });
        for (const candidate of besides) send({ type: 'candidate', candidate: { candidate } });
      };
      const handlers: PeerLinkHandlers = {
        ...{ onSignal, onMessage: () => undefined, onDrained: () => undefined },
        ...{ onOpen: () => undefined, onClosed: () => undefined },
      };
      opened.push(new Promise((resolve) => (handlers.onOpen = resolve)));
      closed.push(new Promise((resolve) => (handlers.onClosed = resolve)));
      const relays = { relayOnly, relayAtOnce: relayAtOnce.includes(index) };
      this.#links.push(open({ initiator: index === 0, iceServers, ...relays }, handlers));
    }
    this.#opened = Promise.all(opened);
    this.#closed = Promise.race(closed);
  }

  /** @returns why a link ended instead, if it did. */
  async opened(): Promise<PairFindings | string> {
    const failed = await Promise.race([this.#opened.then(() => undefined), this.#closed]);
    if (failed !== undefined) return failed;
    const openMs = performance.now() - this.#startedAt;
    const kinds = () => this.#links.map(({ kind }) => kind);
    while (kinds().includes('unknown')) await new Promise((resolve) => setTimeout(resolve, 50));
    return { offers: this.#offers, openMs, kinds: kinds() };
  }

  /** @returns why a link ended. */
  closed(): Promise<string> {
    return this.#closed;
  }

  close(): void {
    for (const link of this.#links) link.close();
  }
}

function withoutCandidates(signal: Signal): Signal {
  return signal.type === 'candidate'
    ? signal
    : { ...signal, sdp: signal.sdp.replace(/^a=candidate:.*\r\n/gm, '') };
}
