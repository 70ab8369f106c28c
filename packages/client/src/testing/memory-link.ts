import type { Signal } from '@freshet/protocol';
import type { LinkKind } from '../api.ts';
import type { PeerLink, PeerLinkFactory, PeerLinkHandlers, PeerLinkOptions } from '../peers/peer-link.ts';
import { SendQueue } from '../peers/send-queue.ts';

/**
 * Links in memory that find each other by their signals, as real ones do. They pass the same contract as simple-peer.
 */
export function memoryLinks(): PeerLinkFactory {
  const offers = new Map<string, MemoryLink>();
  return (options, handlers) => new MemoryLink(options, handlers, offers);
}

class MemoryLink implements PeerLink {
  readonly #handlers: PeerLinkHandlers;
  readonly #offers: Map<string, MemoryLink>;
  readonly #initiator: boolean;
  readonly #sendQueue: SendQueue;
  kind: LinkKind | undefined;
  #other: MemoryLink | undefined;
  #closed = false;
  #bufferedAmount = 0;

  constructor(options: PeerLinkOptions, handlers: PeerLinkHandlers, offers: Map<string, MemoryLink>) {
    this.#handlers = handlers;
    this.#offers = offers;
    this.#initiator = options.initiator;
    const buffered = () => this.#bufferedAmount;
    this.#sendQueue = new SendQueue(
      {
        get bufferedAmount() {
          return buffered();
        },
        send: (bytes) => {
          this.#send(bytes);
        },
      },
      () => {
        handlers.onDrained();
      },
      () => {
        this.#end('stuck');
      },
    );
    if (!options.initiator) return;
    const sdp = `v=0 ${offers.size}`;
    offers.set(sdp, this);
    queueMicrotask(() => {
      if (!this.#closed) handlers.onSignal({ type: 'offer', sdp });
    });
  }

  signal(signal: Signal): void {
    if (this.#closed || this.#other !== undefined || signal.type === 'candidate') return;
    if ((signal.type === 'offer') === this.#initiator) return;
    if (signal.type === 'answer') return;
    const other = this.#offers.get(signal.sdp);
    if (other === undefined) return;
    this.#other = other;
    other.#other = this;
    this.kind = other.kind = 'direct';
    this.#handlers.onSignal({ type: 'answer', sdp: signal.sdp });
    queueMicrotask(() => {
      if (!other.#closed) other.#handlers.onOpen();
      if (!this.#closed) this.#handlers.onOpen();
    });
  }

  sendControl(frame: Uint8Array<ArrayBuffer>): void {
    if (this.#other !== undefined) this.#sendQueue.sendControl(frame);
  }

  get isReady(): boolean {
    return this.#other !== undefined && this.#sendQueue.isReady;
  }

  sendBulk(frame: Uint8Array<ArrayBuffer>): void {
    if (this.#other !== undefined) this.#sendQueue.sendBulk(frame);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#sendQueue.close();
    const other = this.#other;
    queueMicrotask(() => {
      if (other !== undefined) other.#end('closed by the other side');
    });
  }

  #send(bytes: Uint8Array<ArrayBuffer>): void {
    this.#bufferedAmount += bytes.length;
    queueMicrotask(() => {
      this.#bufferedAmount -= bytes.length;
      if (this.#closed) return;
      const other = this.#other;
      if (other !== undefined && !other.#closed) other.#handlers.onMessage(bytes.slice());
      if (this.#bufferedAmount === 0) this.#sendQueue.drained();
    });
  }

  #end(why: string): void {
    if (this.#closed) return;
    this.close();
    this.#handlers.onClosed(why);
  }
}
