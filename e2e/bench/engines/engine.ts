import type { ViewerOptions } from '../../src/harness/viewers.ts';

export const ENGINES = ['plain', 'freshet', 'p2pml', 'p2pml-tuned', 'p2pml-far'] as const;
export type EngineName = (typeof ENGINES)[number];

/** What viewers may upload, in kbit/s. Undefined: what the machine carries. */
export interface UploadLimits {
  /** Of every viewer. */
  readonly everyKbps?: number | undefined;
  /** Of this viewer alone. */
  readonly thisKbps?: number | undefined;
}

/** The page that a viewer opens, and what is done to its browser before. */
interface EnginePage {
  readonly url: string;
  readonly options: ViewerOptions;
}

/** One way to play the relay's playlist. All play it with the same hls.js and the same markup. */
export interface Engine {
  readonly name: EngineName;
  /** Over its column in the table. */
  readonly label: string;
  /** Arguments of the server that carry out a limit for every viewer, where the engine has such a thing. */
  readonly serverArgs: (limits: UploadLimits) => readonly string[];
  readonly page: (playlistUrl: string, limits: UploadLimits) => EnginePage;
  readonly close: () => Promise<void>;
}
