import type { ViewerOptions } from '../../src/harness/viewers/viewers.ts';

export const ENGINES = ['plain', 'freshet', 'p2pml', 'p2pml-tuned', 'p2pml-far'] as const;
export type EngineName = (typeof ENGINES)[number];

/** Upload limits in kbit/s. Undefined: as much as the machine carries. */
export interface UploadLimits {
  /** For every viewer. */
  readonly everyKbps?: number | undefined;
  /** For this viewer only. */
  readonly thisKbps?: number | undefined;
}

/** The page that a viewer opens, and how its browser is prepared. */
interface EnginePage {
  readonly url: string;
  readonly options: ViewerOptions;
}

/** One way to play the relay's playlist. All play it with the same hls.js and the same markup. */
export interface Engine {
  readonly name: EngineName;
  /** Heading of its column in the table. */
  readonly label: string;
  /** Server arguments that impose `everyKbps`, if the engine supports that. */
  readonly serverArgs: (limits: UploadLimits) => readonly string[];
  readonly page: (playlistUrl: string, limits: UploadLimits) => EnginePage;
  readonly close: () => Promise<void>;
}
