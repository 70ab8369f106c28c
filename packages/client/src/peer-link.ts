import { Signal } from '@freshet/protocol';
import SimplePeer from 'simple-peer';
import * as v from 'valibot';
import { pageClock } from './clock.ts';
import { LinkOutlet, LOW_WATERMARK_BYTES } from './link-outlet.ts';
import { pieceFrames, type PieceTag } from './piece-frames.ts';

/** From dialling to an open channel. Beyond it ICE rarely succeeds, and another neighbour is worth more. */
const CONNECT_TIMEOUT_MS = 15_000;
/** Candidates taken of one neighbour. A machine with many addresses has a few dozen. */
const MAX_CANDIDATES = 64;
/** Between two looks at the round trip: browsers measure it about as often, and a look costs them a millisecond. */
const ROUND_TRIP_EVERY_MS = 3000;

export interface PeerLinkHandlers {
  onOpen(): void;
  /** One whole message, not decoded. */
  onMessage(bytes: Uint8Array<ArrayBuffer>): void;
  /** To be carried to the other side. */
  onSignal(signal: Signal): void;
  /** The last frame of a piece is in the channel and the channel is low. `roundTrip`: in ms, where it was measured since. */
  onPieceSent(tag: PieceTag, roundTrip: number | undefined): void;
  /** Exactly once, whatever ended it, unless `close` was called. */
  onClosed(why: string): void;
}

export interface PeerLinkOptions {
  /** This side makes the offer. */
  readonly initiator: boolean;
  readonly iceServers: readonly RTCIceServer[];
  /** Only through TURN, so that viewers do not learn each other's addresses. */
  readonly relayOnly: boolean;
}

/** One link to another viewer: an ordered data channel, whatever makes it. Nothing in it throws. */
export interface PeerLink {
  /** A validated signal of the other side. What no honest peer sends (a second offer, say) is dropped. */
  signal(signal: Signal): void;
  /** A control frame, encoded. Dropped while the link is not open. */
  sendControl(frame: Uint8Array<ArrayBuffer>): void;
  /** A piece, as frames fed while the channel drains. Answered by `onPieceSent` unless the link closes first. */
  sendPiece(tag: PieceTag, bytes: Uint8Array): void;
  close(): void;
}

export type PeerLinkFactory = (options: PeerLinkOptions, handlers: PeerLinkHandlers) => PeerLink;

/** A PeerLink over simple-peer: the only file that knows it. */
export const openPeerLink: PeerLinkFactory = (options, handlers) => new SimplePeerLink(options, handlers);

class SimplePeerLink implements PeerLink {
  readonly #handlers: PeerLinkHandlers;
  readonly #options: PeerLinkOptions;
  readonly #timeout: ReturnType<typeof setTimeout>;
  #peer: SimplePeer | undefined;
  #channel: RTCDataChannel | undefined;
  #outlet: LinkOutlet<PieceTag> | undefined;
  #described = false;
  #candidates = 0;
  #roundTrip: number | undefined;
  #roundTripDue = 0;
  #closed = false;

  constructor(options: PeerLinkOptions, handlers: PeerLinkHandlers) {
    this.#handlers = handlers;
    this.#options = options;
    this.#timeout = setTimeout(() => {
      this.#end('no connection in time');
    }, CONNECT_TIMEOUT_MS);
    // Who is called makes its connection when the call comes: many are announced, and some never come.
    if (options.initiator) this.#connect();
  }

  signal(signal: Signal): void {
    if (this.#closed) return;
    if (this.#peer === undefined) this.#connect();
    if (this.#peer === undefined) return;
    if (signal.type === 'candidate') {
      if (++this.#candidates > MAX_CANDIDATES) return;
    } else {
      // One description a link, and of the right kind: a link is never renegotiated.
      if (this.#described || (signal.type === 'offer') === this.#options.initiator) return;
      this.#described = true;
    }
    try {
      this.#peer.signal(signal);
    } catch (error) {
      this.#end(error instanceof Error ? error.message : 'bad signal');
    }
  }

  sendControl(frame: Uint8Array<ArrayBuffer>): void {
    this.#try(() => this.#outlet?.sendControl(frame));
  }

  sendPiece(tag: PieceTag, bytes: Uint8Array): void {
    this.#try(() => this.#outlet?.sendBulk(tag, pieceFrames(tag, bytes)));
  }

  close(): void {
    const peer = this.#peer;
    this.#closed = true;
    this.#peer = undefined;
    clearTimeout(this.#timeout);
    this.#outlet?.close();
    this.#channel?.removeEventListener('bufferedamountlow', this.#onLow);
    peer?.destroy();
  }

  readonly #onLow = (): void => {
    this.#try(() => this.#outlet?.drained());
  };

  #connect(): void {
    const { initiator, iceServers, relayOnly } = this.#options;
    try {
      this.#peer = new SimplePeer({
        initiator,
        trickle: true,
        objectMode: false,
        config: { iceServers: [...iceServers], iceTransportPolicy: relayOnly ? 'relay' : 'all' },
      });
      this.#listen(this.#peer);
    } catch (error) {
      // The caller may have no link in its hands yet.
      const why = error instanceof Error ? error.message : 'RTCPeerConnection failed';
      queueMicrotask(() => {
        this.#end(why);
      });
    }
  }

  #listen(peer: SimplePeer): void {
    peer.on('signal', (signal) => {
      // Only descriptions and candidates leave; simple-peer's wishes to renegotiate do not.
      const valid = v.safeParse(Signal, signal);
      if (this.#peer === peer && valid.success) this.#handlers.onSignal(valid.output);
    });
    peer.on('connect', () => {
      if (this.#peer === peer) this.#open(peer);
    });
    peer.on('data', (bytes) => {
      if (this.#peer === peer) this.#handlers.onMessage(bytes);
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
    if (channel === null || channel === undefined) {
      this.#end('no data channel');
      return;
    }
    clearTimeout(this.#timeout);
    channel.bufferedAmountLowThreshold = LOW_WATERMARK_BYTES;
    channel.addEventListener('bufferedamountlow', this.#onLow);
    this.#channel = channel;
    this.#outlet = new LinkOutlet(
      channel,
      (tag) => {
        this.#handlers.onPieceSent(tag, this.#roundTrip);
        this.#roundTrip = undefined;
        this.#measure(peer);
      },
      (why) => {
        this.#end(why);
      },
    );
    this.#handlers.onOpen();
  }

  /** By ICE's own checks, which queue on the line as the channel's packets do. Only while this viewer gives: no timer. */
  #measure({ _pc: connection }: SimplePeer): void {
    const now = pageClock();
    if (now < this.#roundTripDue) return;
    this.#roundTripDue = now + ROUND_TRIP_EVERY_MS;
    connection?.getStats().then(
      (report) => {
        for (const { nominated, currentRoundTripTime } of report.values())
          if (nominated && currentRoundTripTime >= 0) this.#roundTrip = currentRoundTripTime * 1000;
      },
      // A connection that is closing has none.
      () => undefined,
    );
  }

  /** A channel that is closing throws on `send` before it says so. */
  #try(action: () => void): void {
    if (this.#peer === undefined) return;
    try {
      action();
    } catch (error) {
      this.#end(error instanceof Error ? error.message : 'send failed');
    }
  }

  #end(why: string): void {
    if (this.#closed) return;
    this.close();
    this.#handlers.onClosed(why);
  }
}
