import type { PeerId, RenditionId } from '@freshet/protocol';

/** What a viewer says of itself when it joins and when it reports. */
export interface ViewerWord {
  readonly neighbours: readonly PeerId[];
  readonly renditions: readonly RenditionId[];
  readonly uploads: boolean;
  readonly seeking: boolean;
  readonly uplinkKbps?: number;
  readonly lateInjections?: number;
  /** Told with the join only. */
  readonly locality?: string;
}
