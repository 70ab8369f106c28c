/**
 * simple-peer 9.11, which bundles take from its source, upon our `Emitter` (`scripts/slim-simple-peer.mjs`).
 * Only what peer-link.ts uses is declared; @types/simple-peer would bring Node's types into a browser package.
 */
declare module 'simple-peer' {
  export interface SimplePeerOptions {
    readonly initiator: boolean;
    readonly config: RTCConfiguration;
  }

  export default class SimplePeer {
    constructor(options: SimplePeerOptions);
    /** There at `connect`, gone when it is destroyed. Not documented, fixed since its last release. */
    readonly _channel: RTCDataChannel;
    /** Its connection, gone likewise. Not documented either. */
    readonly _pc: RTCPeerConnection;
    /** Makes an offer and tells it by `signal`, as it does by itself when it begins. Nor is this documented. */
    _createOffer(): void;
    signal(signal: object): void;
    destroy(): void;
    /** Of the `Emitter`: no listener hears anything more. */
    clear(): void;
    on(event: 'connect' | 'close', listener: () => void): void;
    on(event: 'signal', listener: (signal: unknown) => void): void;
    on(event: 'data', listener: (bytes: Uint8Array<ArrayBuffer>) => void): void;
    on(event: 'error', listener: (error: Error) => void): void;
  }
}
