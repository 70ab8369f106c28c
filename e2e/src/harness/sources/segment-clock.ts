import { readRelay } from '../servers/relay-playlist.ts';
import { until } from '../programs/until.ts';

/** A moment at which the relay published a segment. */
export interface Publication {
  /** Date.now() of the publication, some milliseconds late. */
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

/** Gaps between publications that differ by less than this count as even. The relay's own timers stay within it. */
const EVEN_MS = 300;

/**
 * Waits until the relay publishes at an even pace. The relay needs a few polls to get into step with the media server.
 * Until then a segment may be listed late, with the next one right after it, and players that start in between differ
 * by a segment, whatever their engine.
 */
export async function evenPublications(multivariantUrl: string): Promise<void> {
  const gaps: number[] = [];
  let last = await nextPublication(multivariantUrl);
  for (let looked = 0; looked < 20; looked++) {
    const next = await nextPublication(multivariantUrl);
    gaps.push((next.wallMs - last.wallMs) / (next.nextMsn - last.nextMsn));
    last = next;
    const latest = gaps.slice(-3);
    if (latest.length === 3 && Math.max(...latest) - Math.min(...latest) < EVEN_MS) return;
  }
  throw new Error(`the relay publishes unevenly, every ${gaps.map(Math.round).join(', ')} ms`);
}
