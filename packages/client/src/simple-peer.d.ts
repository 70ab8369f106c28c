/**
 * simple-peer 9.11, which bundles take from its source upon shims of ours (`scripts/slim-simple-peer.mjs`).
 * Only what peer-link.ts uses is declared; @types/simple-peer would bring Node's types into a browser package.
 */
declare module 'simple-peer' {
  export interface SimplePeerOptions {
    readonly initiator: boolean;
    readonly trickle: boolean;
    readonly objectMode: boolean;
    readonly config: RTCConfiguration;
  }

  export default class SimplePeer {
    constructor(options: SimplePeerOptions);
    /** Set when the channel was made or came in; present at `connect`. Not documented, fixed since its last release. */
    readonly _channel: RTCDataChannel | null | undefined;
    /** Its connection, until it is destroyed. Not documented either. */
    readonly _pc: RTCPeerConnection | null | undefined;
    signal(signal: object): void;
    destroy(): void;
    on(event: 'connect' | 'close', listener: () => void): void;
    on(event: 'signal', listener: (signal: unknown) => void): void;
    on(event: 'data', listener: (bytes: Uint8Array<ArrayBuffer>) => void): void;
    on(event: 'error', listener: (error: Error) => void): void;
  }
}
