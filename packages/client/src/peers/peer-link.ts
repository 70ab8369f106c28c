import { type Policy, Signal } from '@freshet/protocol';
import SimplePeer from 'simple-peer';
import * as v from 'valibot';
import type { LinkKind } from '../api.ts';
import { directServers, hasRelays } from './ice-servers.ts';
import { linkKind } from './link-kind.ts';
import { SendQueue } from './send-queue.ts';
import type { Timer } from '../util/clock.ts';

/** From dialling to an open channel. Beyond it ICE rarely succeeds, and another neighbour is worth more. */
const CONNECT_TIMEOUT_MS = 15_000;
/**
 * A pair that is not connected so long after the answer looks for a way through relays, too. A direct way takes one round
 * trip between the two, or two: half a second apart they are still in time.
 */
const RELAYS_AFTER_MS = 2000;
/** So long after it opened a link's way is looked at: at first it may find a better one, and lacks what was not signalled yet. */
const SETTLED_MS = 1000;
/** The browser calls a link disconnected after five checks without an answer; so much later nobody waits for it any more. */
const LOST_AFTER_MS = 1000;
/** Why a link ended that was open and heard nothing more from the other side. */
export const LOST = 'lost';
/** Candidates taken with one description. A machine with many addresses has a few dozen. */
const MAX_CANDIDATES = 64;

export interface PeerLinkHandlers {
  onOpen(): void;
  /** One whole message, not decoded. */
  onMessage(bytes: Uint8Array<ArrayBuffer>): void;
  /** To be carried to the other side. */
  onSignal(signal: Signal): void;
  /** All that the channel was given has left it. */
  onDrained(): void;
  /** Exactly once, whatever ended it, unless `close` was called. */
  onClosed(why: string): void;
}

export interface PeerLinkOptions {
  /** This side makes the offer. */
  readonly initiator: boolean;
  readonly iceServers: Policy['iceServers'];
  /** Only through TURN, so that viewers do not learn each other's addresses. */
  readonly relayOnly: boolean;
  /** TURN besides, from the start: here nothing else has worked. Otherwise when a direct way does not come about. */
  readonly relayAtOnce: boolean;
}

/** One link to another viewer: an ordered data channel, whatever makes it. Nothing in it throws. */
export interface PeerLink {
  /** Unknown for the first second, and undefined before it is open. */
  readonly kind: LinkKind | undefined;
  /** A validated signal of the other side. What no honest peer sends (a second offer, say) is dropped. */
  signal(signal: Signal): void;
  /** A control frame, encoded. Dropped while the link is not open. */
  sendControl(frame: Uint8Array<ArrayBuffer>): void;
  /** Whether the channel takes a bulk frame now. If not, `onDrained` says when it does, unless the link closes first. */
  readonly isReady: boolean;
  /** A `piece` frame. Dropped while the link is not open. */
  sendBulk(frame: Uint8Array<ArrayBuffer>): void;
  close(): void;
}

export type PeerLinkFactory = (options: PeerLinkOptions, handlers: PeerLinkHandlers) => PeerLink;

/** A PeerLink over simple-peer: the only file that knows it. */
export const openPeerLink: PeerLinkFactory = (options, handlers) => new SimplePeerLink(options, handlers);

class SimplePeerLink implements PeerLink {
  readonly #handlers: PeerLinkHandlers;
  readonly #options: PeerLinkOptions;
  #timeout: Timer;
  kind: LinkKind | undefined;
  #peer: SimplePeer | undefined;
  #sendQueue: SendQueue | undefined;
  /** Descriptions of the other side that may still come: one, and one more when relays join in. */
  #awaited: number;
  /** Until relays join in, set once; or, once the link is open, until it is given up. */
  #patience: Timer | undefined;
  #candidates = 0;
  #closed = false;

  constructor(options: PeerLinkOptions, handlers: PeerLinkHandlers) {
    this.#handlers = handlers;
    this.#options = options;
    this.#awaited = options.initiator ? 1 : 2;
    this.#timeout = setTimeout(() => {
      this.#end('no connection in time');
    }, CONNECT_TIMEOUT_MS);
    // Who is called makes its connection when the call comes: many are announced, and some never come.
    if (options.initiator) this.#connect();
  }

  signal(signal: Signal): void {
    if (this.#closed) return;
    if (this.#peer === undefined) this.#connect();
    if (signal.type === 'candidate') {
      if (++this.#candidates > MAX_CANDIDATES) return;
    } else {
      // As many descriptions as may be, and of the right kind: a link that is open is never renegotiated.
      if (this.#awaited === 0 || (signal.type === 'offer') === this.#options.initiator) return;
      this.#awaited--;
      this.#candidates = 0;
    }
    this.#try((peer) => {
      if (signal.type === 'offer' && this.#awaited === 0)
        peer._pc.setConfiguration(this.#configuration(true));
      peer.signal(signal);
      if (signal.type === 'answer')
        this.#patience ??= setTimeout(() => {
          this.#joinRelays();
        }, RELAYS_AFTER_MS);
    });
  }

  sendControl(frame: Uint8Array<ArrayBuffer>): void {
    this.#try(() => this.#sendQueue?.sendControl(frame));
  }

  get isReady(): boolean {
    return this.#sendQueue?.isReady === true;
  }

  sendBulk(frame: Uint8Array<ArrayBuffer>): void {
    this.#try(() => this.#sendQueue?.sendBulk(frame));
  }

  close(): void {
    const peer = this.#peer;
    this.#closed = true;
    this.#peer = undefined;
    clearTimeout(this.#timeout);
    clearTimeout(this.#patience);
    this.#sendQueue?.close();
    peer?.clear();
    peer?.destroy();
  }

  #connect(): void {
    const { initiator, relayOnly, relayAtOnce } = this.#options;
    try {
      this.#peer = new SimplePeer({ initiator, config: this.#configuration(relayOnly || relayAtOnce) });
      this.#listen(this.#peer);
    } catch (error) {
      // Extensions put a WebRTC without channels into its place. The caller may have no link in its hands yet.
      queueMicrotask(() => {
        this.#end(String(error));
      });
    }
  }

  #configuration(relays: boolean): RTCConfiguration {
    const { iceServers, relayOnly } = this.#options;
    return {
      // What is undefined in them counts as absent.
      iceServers: (relays ? iceServers : directServers(iceServers)) as RTCIceServer[],
      iceTransportPolicy: relayOnly ? 'relay' : 'all',
    };
  }

  /** No direct way so far: one more offer, with relays on both sides. What was tried before is tried on. */
  #joinRelays(): void {
    const { iceServers, relayOnly } = this.#options;
    this.#try((peer) => {
      const connection = peer._pc;
      // Connected or completed.
      if (relayOnly || !hasRelays(iceServers) || connection.iceConnectionState.startsWith('co')) return;
      connection.setConfiguration(this.#configuration(true));
      connection.restartIce();
      this.#awaited = 1;
      peer._createOffer();
    });
  }

  #listen(peer: SimplePeer): void {
    peer.on('signal', (signal) => {
      // Only descriptions and candidates leave; simple-peer's wishes to renegotiate do not.
      const valid = v.safeParse(Signal, signal);
      if (valid.success) this.#handlers.onSignal(valid.output);
    });
    peer.on('connect', () => {
      this.#open(peer);
    });
    peer.on('data', (bytes) => {
      this.#handlers.onMessage(bytes);
    });
    peer.on('error', (error) => {
      this.#end(error.message);
    });
    peer.on('close', () => {
      this.#end('closed by the other side');
    });
  }

  #open(peer: SimplePeer): void {
    const channel = peer._channel;
    clearTimeout(this.#patience);
    clearTimeout(this.#timeout);
    this.#awaited = 0;
    this.#watch(peer);
    channel.bufferedAmountLowThreshold = 0;
    channel.addEventListener('bufferedamountlow', () => {
      this.#try(() => this.#sendQueue?.drained());
    });
    this.#sendQueue = new SendQueue(
      channel,
      () => {
        this.#handlers.onDrained();
      },
      (why) => {
        this.#end(why);
      },
    );
    this.#handlers.onOpen();
  }

  #watch({ _pc: connection }: SimplePeer): void {
    this.kind = 'unknown';
    this.#timeout = setTimeout(() => {
      connection.getStats().then(
        (stats) => {
          this.kind = linkKind(stats);
        },
        // A connection that is closing has none.
        () => undefined,
      );
    }, SETTLED_MS);
    connection.addEventListener('iceconnectionstatechange', () => {
      clearTimeout(this.#patience);
      if (connection.iceConnectionState === 'disconnected')
        this.#patience = setTimeout(() => {
          this.#end(LOST);
        }, LOST_AFTER_MS);
    });
  }

  /** A channel that is closing throws on `send` before it says so. */
  #try(action: (peer: SimplePeer) => void): void {
    if (this.#peer === undefined) return;
    try {
      action(this.#peer);
    } catch (error) {
      this.#end(String(error));
    }
  }

  #end(why: string): void {
    if (this.#closed) return;
    this.close();
    this.#handlers.onClosed(why);
  }
}
