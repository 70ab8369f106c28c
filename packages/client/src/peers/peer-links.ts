import {
  type ControlFrame,
  encodeFrame,
  type FeedbackFrame,
  type PeerId,
  type Policy,
  setBounded,
  type Signal,
} from '@freshet/protocol';
import type { LinkKind } from '../api.ts';
import { Pacer, type PacerHandlers } from './pacer.ts';
import type { PeerLink, PeerLinkFactory } from './peer-link.ts';
import type { PieceTag } from './piece-tag.ts';
import { pageClock } from '../util/clock.ts';
import type { Log } from '../util/log.ts';

/**
 * Connections that a page may make. Chromium refuses about the 500th, counting closed ones until they are collected,
 * which may never happen in a busy page. This limit is well below that. At the limit playback continues from the open
 * links and from the origin. A viewer of a calm swarm makes a dozen in an hour.
 */
const MAX_CONNECTIONS = 200;
/**
 * The share of these that others' calls may use. Above it this viewer takes no calls and still dials, so that callers
 * that never finish a connection cannot cut it off.
 */
const CALLED_SHARE = 0.5;
/**
 * Signals that overtake the introduction are kept until the core dials: this many of this many peers. The oldest peer
 * is dropped.
 */
const MAX_EARLY_PEERS = 16;
const MAX_EARLY_SIGNALS = 32;

let connectionsMade = 0;
let callsTaken = 0;

export interface PeerLinksHandlers extends PacerHandlers {
  onOpen(peer: PeerId): void;
  onMessage(peer: PeerId, bytes: Uint8Array<ArrayBuffer>): void;
  onSignal(peer: PeerId, signal: Signal): void;
  /** A new link to the same peer replaces a link: what is remembered of the old one is void. */
  onReplaced(peer: PeerId): void;
  onClosed(peer: PeerId, why: string): void;
  /** This page makes no more connections. */
  onUsedUp(): void;
}

export const noLinks = (): Record<LinkKind, number> => ({ direct: 0, reflexive: 0, relayed: 0, unknown: 0 });

/** The links of this viewer, by peer. Every `dial` ends in exactly one `onClosed`. */
export class PeerLinks {
  readonly pacer: Pacer;
  readonly #open: PeerLinkFactory;
  readonly #handlers: PeerLinksHandlers;
  readonly #log: Log;
  readonly #links = new Map<PeerId, PeerLink>();
  readonly #early = new Map<PeerId, Signal[]>();
  /** Links whose peer has not called yet: they have made no connection. */
  readonly #uncalled = new WeakSet<PeerLink>();
  readonly #maxConnections: number;
  /** Links that this viewer dialled and that opened, and the sum of their times from dialling to open. */
  readonly dialled = { links: 0, ms: 0 };
  #usedUp = false;

  constructor(
    open: PeerLinkFactory,
    handlers: PeerLinksHandlers,
    log: Log,
    maxConnections = MAX_CONNECTIONS,
  ) {
    this.#open = open;
    this.#handlers = handlers;
    this.#log = log;
    this.#maxConnections = maxConnections;
    this.pacer = new Pacer(pageClock, handlers);
  }

  /** Open links by the path of their packets. */
  get kinds(): Record<LinkKind, number> {
    const kinds = noLinks();
    for (const { kind } of this.#links.values()) if (kind !== undefined) kinds[kind]++;
    return kinds;
  }

  /** Mean time from dialling to an open link. */
  get connectMs(): number | undefined {
    const { links, ms } = this.dialled;
    return ms / links || undefined;
  }

  dial(peer: PeerId, initiator: boolean, policy: Policy): void {
    const usedUp = connectionsMade >= this.#maxConnections;
    if (usedUp || (!initiator && callsTaken >= this.#maxConnections * CALLED_SHARE)) {
      if (usedUp && !this.#usedUp) this.#handlers.onUsedUp();
      this.#usedUp ||= usedUp;
      this.#handlers.onClosed(peer, 'used up');
      return;
    }
    if (initiator) connectionsMade++;
    this.#replace(peer);
    const dialledAt = pageClock();
    const { direct, reflexive, relayed } = this.kinds;
    const link = this.#open(
      {
        initiator,
        iceServers: policy.iceServers,
        relayOnly: policy.mode === 'relay-only',
        // A viewer that reaches no neighbour directly does not wait for a direct path each time.
        relayAtOnce: relayed > 0 && direct + reflexive === 0,
      },
      {
        onOpen: () => {
          this.#log('link open', { peer });
          if (initiator) {
            this.dialled.links++;
            this.dialled.ms += Math.round(pageClock() - dialledAt);
          }
          this.#handlers.onOpen(peer);
        },
        onMessage: (bytes) => {
          this.#handlers.onMessage(peer, bytes);
          this.pacer.pump();
        },
        onSignal: (signal) => {
          this.#handlers.onSignal(peer, signal);
        },
        onDrained: () => {
          this.pacer.drained(link);
        },
        onClosed: (why) => {
          if (this.#links.get(peer) === link) this.#closed(peer, why);
        },
      },
    );
    this.#links.set(peer, link);
    if (!initiator) this.#uncalled.add(link);
    const early = this.#early.get(peer) ?? [];
    this.#early.delete(peer);
    for (const signal of early) this.#pass(link, signal);
  }

  /** Closes a link or gives up dialling. `onClosed` follows, even when there is no link. */
  hangUp(peer: PeerId, why: string): void {
    this.#links.get(peer)?.close();
    this.#closed(peer, why);
  }

  signal(peer: PeerId, signal: Signal): void {
    const link = this.#links.get(peer);
    if (link !== undefined) {
      this.#pass(link, signal);
      return;
    }
    let early = this.#early.get(peer);
    if (early === undefined) {
      setBounded(this.#early, peer, (early = []), MAX_EARLY_PEERS);
    }
    // An offer starts a new attempt: signals left from an earlier one are void.
    if (signal.type === 'offer' && early.some(({ type }) => type === 'offer')) early.length = 0;
    if (early.length < MAX_EARLY_SIGNALS) early.push(signal);
  }

  send(peer: PeerId, frame: ControlFrame | FeedbackFrame): void {
    this.#links.get(peer)?.sendControl(encodeFrame(frame));
  }

  /** Sends a piece at the pace. `onPieceSent` follows, unless the link closes first or the piece is recalled. */
  sendPiece(peer: PeerId, tag: PieceTag, bytes: Uint8Array, backlogMs: number): void {
    const link = this.#links.get(peer);
    if (link !== undefined) this.pacer.add(peer, link, tag, bytes, backlogMs);
  }

  /** Closes all links without calling a handler. */
  close(): void {
    this.pacer.close();
    for (const link of this.#links.values()) link.close();
    this.#links.clear();
    this.#early.clear();
  }

  #pass(link: PeerLink, signal: Signal): void {
    if (this.#uncalled.delete(link)) {
      connectionsMade++;
      callsTaken++;
    }
    link.signal(signal);
  }

  #replace(peer: PeerId): void {
    const former = this.#links.get(peer);
    if (former === undefined) return;
    this.#links.delete(peer);
    this.pacer.closed(former);
    former.close();
    this.#handlers.onReplaced(peer);
  }

  #closed(peer: PeerId, why: string): void {
    this.#log('link closed', { peer, why });
    const link = this.#links.get(peer);
    if (link !== undefined) this.pacer.closed(link);
    this.#links.delete(peer);
    this.#early.delete(peer);
    this.#handlers.onClosed(peer, why);
  }
}
