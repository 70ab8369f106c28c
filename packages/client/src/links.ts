import { type ControlFrame, encodeFrame, type PeerId, type Policy, type Signal } from '@freshet/protocol';
import type { Log } from './log.ts';
import type { PeerLink, PeerLinkFactory } from './peer-link.ts';
import type { PieceTag } from './piece-frames.ts';
import { remember } from './remember.ts';

/**
 * Connections made in a page's life. Chromium refuses about the 500th, counting closed ones until they are collected,
 * which can be never in a busy page. Well before that no more are made: playback goes on from the links that stand
 * and from the origin. A viewer of a calm swarm makes a dozen in an hour.
 */
const MAX_CONNECTIONS = 200;
/** Signals that overtake the introduction are kept until the core dials: so many of so many peers, the oldest goes. */
const MAX_EARLY_PEERS = 16;
const MAX_EARLY_SIGNALS = 32;

let connectionsMade = 0;

export interface LinksHandlers {
  onOpen(peer: PeerId): void;
  onMessage(peer: PeerId, bytes: Uint8Array<ArrayBuffer>): void;
  onSignal(peer: PeerId, signal: Signal): void;
  onPieceSent(peer: PeerId, tag: PieceTag, roundTrip: number | undefined): void;
  onClosed(peer: PeerId): void;
  /** No new connection will be made in this page. */
  onUsedUp(): void;
}

/** The links of this viewer, by peer. Every `dial` ends in exactly one `onClosed`. */
export class Links {
  readonly #open: PeerLinkFactory;
  readonly #handlers: LinksHandlers;
  readonly #log: Log;
  readonly #links = new Map<PeerId, PeerLink>();
  readonly #early = new Map<PeerId, Signal[]>();
  readonly #maxConnections: number;
  #usedUp = false;

  constructor(open: PeerLinkFactory, handlers: LinksHandlers, log: Log, maxConnections = MAX_CONNECTIONS) {
    this.#open = open;
    this.#handlers = handlers;
    this.#log = log;
    this.#maxConnections = maxConnections;
  }

  get size(): number {
    return this.#links.size;
  }

  dial(peer: PeerId, initiator: boolean, policy: Policy): void {
    if (connectionsMade >= this.#maxConnections) {
      if (!this.#usedUp) this.#handlers.onUsedUp();
      this.#usedUp = true;
      this.#handlers.onClosed(peer);
      return;
    }
    connectionsMade++;
    this.#links.get(peer)?.close();
    const link = this.#open(
      {
        initiator,
        iceServers: policy.iceServers.map(iceServer),
        relayOnly: policy.mode === 'relay-only',
      },
      {
        onOpen: () => {
          this.#log('link open', { peer });
          this.#handlers.onOpen(peer);
        },
        onMessage: (bytes) => {
          this.#handlers.onMessage(peer, bytes);
        },
        onSignal: (signal) => {
          this.#handlers.onSignal(peer, signal);
        },
        onPieceSent: (tag, roundTrip) => {
          this.#handlers.onPieceSent(peer, tag, roundTrip);
        },
        onClosed: (why) => {
          if (this.#links.get(peer) === link) this.#closed(peer, why);
        },
      },
    );
    this.#links.set(peer, link);
    const early = this.#early.get(peer) ?? [];
    this.#early.delete(peer);
    for (const signal of early) link.signal(signal);
  }

  /** Closes a link or gives up dialling. Answered by `onClosed`, also when there is none. */
  hangUp(peer: PeerId, why: string): void {
    this.#links.get(peer)?.close();
    this.#closed(peer, why);
  }

  signal(peer: PeerId, signal: Signal): void {
    const link = this.#links.get(peer);
    if (link !== undefined) {
      link.signal(signal);
      return;
    }
    let early = this.#early.get(peer);
    if (early === undefined) {
      remember(this.#early, peer, (early = []), MAX_EARLY_PEERS);
    }
    // An offer starts a new attempt: what is left of an earlier one is void.
    if (signal.type === 'offer' && early.some(({ type }) => type === 'offer')) early.length = 0;
    if (early.length < MAX_EARLY_SIGNALS) early.push(signal);
  }

  send(peer: PeerId, frame: ControlFrame): void {
    this.#links.get(peer)?.sendControl(encodeFrame(frame));
  }

  sendPiece(peer: PeerId, tag: PieceTag, bytes: Uint8Array): void {
    this.#links.get(peer)?.sendPiece(tag, bytes);
  }

  /** Closes all without a word to anybody. */
  close(): void {
    for (const link of this.#links.values()) link.close();
    this.#links.clear();
    this.#early.clear();
  }

  #closed(peer: PeerId, why: string): void {
    this.#log('link closed', { peer, why });
    this.#links.delete(peer);
    this.#early.delete(peer);
    this.#handlers.onClosed(peer);
  }
}

function iceServer({ urls, username, credential }: Policy['iceServers'][number]): RTCIceServer {
  return {
    urls,
    ...(username !== undefined && { username }),
    ...(credential !== undefined && { credential }),
  };
}
