import type { PeerId, RenditionId } from '@freshet/protocol';

/** A viewer's statement about itself, in its join and its reports. */
export interface ViewerWord {
  readonly neighbours: readonly PeerId[];
  readonly renditions: readonly RenditionId[];
  readonly uploads: boolean;
  readonly seeking: boolean;
  readonly uplinkKbps?: number;
  readonly lateInjections?: number;
}
