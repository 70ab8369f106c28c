/**
 * What simple-peer uses of its dependencies, for pages: `scripts/slim.mjs` puts it in their place, under the names that
 * simple-peer gives them. Our media does not go through its stream: it is sent on the channel itself (`LinkOutlet`), and
 * comes as `data` events.
 */
import { Emitter } from './emitter.ts';

/** Of Node's Duplex its events: nothing is read, written, piped or kept. */
class Duplex extends Emitter<Record<string, unknown>> {
  /** A message came. */
  push(chunk: unknown): void {
    this.emit('data', chunk);
  }
}

export const stream = { Duplex };

/** Messages are views of what the channel gave, not copies. */
export const Buffer = { from: (bytes: ArrayBuffer): Uint8Array => new Uint8Array(bytes) };

/** Asked anew for every connection: a page may lose its WebRTC, to an extension for one. */
export function getBrowserRTC(): object | null {
  const { RTCPeerConnection, RTCSessionDescription, RTCIceCandidate } = globalThis as Partial<
    typeof globalThis
  >;
  return RTCPeerConnection === undefined
    ? null
    : { RTCPeerConnection, RTCSessionDescription, RTCIceCandidate };
}
