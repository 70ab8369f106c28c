import type { StreamName } from '@freshet/protocol';

/** Told of body bytes where they leave: what the operating system took, also of a transfer that was cut. */
export interface OriginBytes {
  add(stream: StreamName, kind: OriginBytesKind, bytes: number): void;
}

export type OriginBytesKind = 'segment' | 'playlist' | 'init' | 'pieces';
