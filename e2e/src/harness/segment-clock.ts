import { readRelay } from './relay-playlist.ts';
import { until } from './until.ts';

/** A moment at which the relay published a segment. */
export interface Publication {
  /** Date.now() of it, some milliseconds late. */
  readonly wallMs: number;
  /** The number that the next segment will have. */
  readonly nextMsn: number;
}

/**
 * Waits for the moment at which the relay publishes a segment. hls.js fixes its distance from the live edge when it
 * starts, so players are comparable only if they start at the same point between two publications.
 */
export async function nextPublication(multivariantUrl: string): Promise<Publication> {
  const edge = async (): Promise<number> => {
    const { firstMsn, segments } = await readRelay(multivariantUrl);
    return firstMsn + segments.length;
  };
  const before = await edge();
  return until(
    async () => {
      const nextMsn = await edge();
      return nextMsn > before && { wallMs: Date.now(), nextMsn };
    },
    { what: 'the relay to publish a segment', timeoutMs: 15_000, everyMs: 25 },
  );
}
