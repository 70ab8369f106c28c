/**
 * What simple-peer uses of its dependencies, for pages: `scripts/slim.mjs` puts it in their place, under the names that
 * simple-peer gives them. Our media does not go through its stream: it is sent on the channel itself (`LinkOutlet`), and
 * comes as `data` events.
 */

type Listener = (...args: never[]) => void;

/** The events of Node's Duplex, whose both directions have ended already: nothing is read, piped or kept. */
class Duplex {
  readable = true;
  writable = true;
  /** simple-peer ends what has not ended when it is destroyed. */
  readonly _readableState = { ended: true };
  readonly _writableState = { finished: true };
  /** Lists are replaced, never changed, so that a listener may take itself off while it is called. */
  readonly #listeners = new Map<string, readonly Listener[]>();

  on(event: string, listener: Listener): this {
    this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), listener]);
    return this;
  }

  once(event: string, listener: Listener): this {
    const once = (...args: never[]): void => {
      this.removeListener(event, once);
      listener(...args);
    };
    return this.on(event, once);
  }

  removeListener(event: string, listener: Listener): this {
    const others = this.#listeners.get(event)?.filter((other) => other !== listener);
    if (others !== undefined) this.#listeners.set(event, others);
    return this;
  }

  emit(event: string, ...args: unknown[]): void {
    for (const listener of this.#listeners.get(event) ?? []) listener(...(args as never[]));
  }

  /** A message came. */
  push(chunk: unknown): void {
    this.emit('data', chunk);
  }
}

export const stream = { Duplex };

/** Messages are views of what the channel gave, not copies. */
export const Buffer = { from: (bytes: ArrayBuffer): Uint8Array => new Uint8Array(bytes) };

/** For the names of connections and channels. */
export function randombytes(count: number): { toString(): string } {
  const bytes = crypto.getRandomValues(new Uint8Array(count));
  return { toString: () => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('') };
}

/** Asked anew for every connection: a page may lose its WebRTC, to an extension for one. */
export function getBrowserRTC(): object | null {
  const { RTCPeerConnection, RTCSessionDescription, RTCIceCandidate } = globalThis as Partial<
    typeof globalThis
  >;
  return RTCPeerConnection === undefined
    ? null
    : { RTCPeerConnection, RTCSessionDescription, RTCIceCandidate };
}

/** Errors stay as they are. Their codes are not asked for, and that of a DOMException cannot be written. */
export function errCode(error: unknown): unknown {
  return error;
}

export function debug(): void {
  // What is left of its messages when the calls are gone.
}
