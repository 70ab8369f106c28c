/**
 * simple-peer 9.11, which bundles build from its source on top of our `Emitter` (`scripts/slim-simple-peer.mjs`). Only
 * what peer-link.ts uses is declared; @types/simple-peer would bring Node's types into a browser package.
 */
declare module 'simple-peer' {
  export interface SimplePeerOptions {
    readonly initiator: boolean;
    readonly config: RTCConfiguration;
  }

  export default class SimplePeer {
    constructor(options: SimplePeerOptions);
    /** Set at `connect`, gone when the peer is destroyed. Not documented, but fixed since the last release. */
    readonly _channel: RTCDataChannel;
    /** Its connection, gone when the peer is destroyed. Not documented either. */
    readonly _pc: RTCPeerConnection;
    /** Makes an offer and emits it as `signal`, as an initiator does by itself at the start. Not documented either. */
    _createOffer(): void;
    signal(signal: object): void;
    destroy(): void;
    /** Of the `Emitter`: removes all listeners. */
    clear(): void;
    on(event: 'connect' | 'close', listener: () => void): void;
    on(event: 'signal', listener: (signal: unknown) => void): void;
    on(event: 'data', listener: (bytes: Uint8Array<ArrayBuffer>) => void): void;
    on(event: 'error', listener: (error: Error) => void): void;
  }
}
