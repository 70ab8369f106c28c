import { type Policy, Signal } from '@freshet/protocol';
import SimplePeer from 'simple-peer';
import * as v from 'valibot';
import type { LinkKind } from '../api.ts';
import { directServers, hasRelays } from './ice-servers.ts';
import { linkKind } from './link-kind.ts';
import { SendQueue } from './send-queue.ts';
import type { Timer } from '../util/clock.ts';

/**
 * From dialling to an open channel. After this time ICE rarely succeeds, and another neighbour is the better choice.
 */
const CONNECT_TIMEOUT_MS = 15_000;
/**
 * A pair that is not connected this long after the answer tries relays, too. A direct path takes one or two round trips
 * between the two, so even viewers half a second apart are still in time.
 */
const RELAYS_AFTER_MS = 2000;
/**
 * A link's path is determined this long after it opened: at first the link may find a better one, and candidates that
 * were not signalled yet are missing.
 */
const SETTLED_MS = 1000;
/** The browser calls a link disconnected after five checks without an answer. This much later it is given up. */
const LOST_AFTER_MS = 1000;
/** The reason of an open link that ended because it heard nothing more from the other side. */
export const LOST = 'lost';
/** Candidates accepted with one description. A machine with many addresses has a few dozen. */
const MAX_CANDIDATES = 64;

export interface PeerLinkHandlers {
  onOpen(): void;
  /** One whole message, not decoded. */
  onMessage(bytes: Uint8Array<ArrayBuffer>): void;
  /** A signal to carry to the other side. */
  onSignal(signal: Signal): void;
  /** Everything given to the channel has left it. */
  onDrained(): void;
  /** Called exactly once, whatever ended the link, unless `close` was called. */
  onClosed(why: string): void;
}

export interface PeerLinkOptions {
  /** This side makes the offer. */
  readonly initiator: boolean;
  readonly iceServers: Policy['iceServers'];
  /** Only through TURN, so that viewers do not learn each other's addresses. */
  readonly relayOnly: boolean;
  /**
   * TURN as well, from the start, because nothing else has worked here. Otherwise TURN follows when no direct path is
   * found.
   */
  readonly relayAtOnce: boolean;
}

/** One link to another viewer: an ordered data channel of any implementation. Its methods never throw. */
export interface PeerLink {
  /** `unknown` for the first second, and undefined before the link is open. */
  readonly kind: LinkKind | undefined;
  /**
   * Takes a validated signal from the other side. Signals that no honest peer sends (a third description, say) are
   * dropped.
   */
  signal(signal: Signal): void;
  /** Sends an encoded control frame. Dropped while the link is not open. */
  sendControl(frame: Uint8Array<ArrayBuffer>): void;
  /**
   * Whether the channel takes a bulk frame now. If not, `onDrained` follows when it does, unless the link closes first.
   */
  readonly isReady: boolean;
  /** Sends a `piece` frame. Dropped while the link is not open. */
  sendBulk(frame: Uint8Array<ArrayBuffer>): void;
  close(): void;
}

export type PeerLinkFactory = (options: PeerLinkOptions, handlers: PeerLinkHandlers) => PeerLink;

/** A PeerLink over simple-peer. No other file knows simple-peer. */
export const openPeerLink: PeerLinkFactory = (options, handlers) => new SimplePeerLink(options, handlers);

class SimplePeerLink implements PeerLink {
  readonly #handlers: PeerLinkHandlers;
  readonly #options: PeerLinkOptions;
  #timeout: Timer;
  kind: LinkKind | undefined;
  #peer: SimplePeer | undefined;
  #sendQueue: SendQueue | undefined;
  /** Descriptions that the other side may still send: one, and one more when relays are added. */
  #awaited: number;
  /** The timer until relays are added, set once; when the link is open, the timer until it is given up. */
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
    // The called side makes its connection when the call arrives: many are announced, and some never arrive.
    if (options.initiator) this.#connect();
  }

  signal(signal: Signal): void {
    if (this.#closed) return;
    if (this.#peer === undefined) this.#connect();
    if (signal.type === 'candidate') {
      if (++this.#candidates > MAX_CANDIDATES) return;
    } else {
      // Accept a limited number of descriptions of the right kind: an open link is never renegotiated.
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
      // Some extensions replace WebRTC by one without channels. Report that later: the caller does not have this link
      // yet.
      queueMicrotask(() => {
        this.#end(String(error));
      });
    }
  }

  #configuration(relays: boolean): RTCConfiguration {
    const { iceServers, relayOnly } = this.#options;
    return {
      // Undefined fields count as absent.
      iceServers: (relays ? iceServers : directServers(iceServers)) as RTCIceServer[],
      iceTransportPolicy: relayOnly ? 'relay' : 'all',
    };
  }

  /** No direct path so far: makes one more offer, with relays on both sides. The paths tried before are still tried. */
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
      // Only descriptions and candidates leave, not simple-peer's requests to renegotiate.
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
        // A connection that is closing has no statistics.
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

  /** Ends the link if `action` throws: a closing channel throws on `send` before it reports that it closes. */
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
