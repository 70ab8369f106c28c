import type { BrowserContext, Page } from '@playwright/test';
import { installProbe } from './install-probe.ts';
import { PROBE, type Reading, type Stall } from './reading.ts';

/** Puts the probe into every page that the context will open, but for the empty one in which nothing is to be seen. */
export async function addProbe(context: BrowserContext): Promise<void> {
  // Transpilers name inner functions through a helper that a page does not have.
  await context.addInitScript({
    content: `globalThis.__name ??= (f) => f; if (location.pathname !== '/empty') (${installProbe.toString()})(${JSON.stringify(PROBE)});`,
  });
}

/** What the page's player did so far. */
export function read(page: Page): Promise<Reading> {
  return page.evaluate((key) => {
    const probe = (globalThis as unknown as Record<string, (() => Reading) | undefined>)[key];
    if (probe === undefined) throw new Error('this page has no probe');
    return probe();
  }, PROBE);
}

/** All at nearly one instant. */
export function readAll(pages: readonly Page[]): Promise<Reading[]> {
  return Promise.all(pages.map(read));
}

/** With less than this ahead, the playhead stood because media did not come. */
const STARVED_SECONDS = 0.5;
/** No machine that can run the tests stops longer than this over decoding. */
const LONGEST_DECODER_STOP_MS = 2000;

/**
 * The stops that are the stream's fault: nothing left to play, or a picture that does not go on at all. A short one
 * with seconds of media ahead is the machine's, which decodes for every viewer at once.
 */
export function starvations({ stalls }: Reading): readonly Stall[] {
  return stalls.filter(
    ({ ms, aheadSeconds }) => aheadSeconds < STARVED_SECONDS || ms > LONGEST_DECODER_STOP_MS,
  );
}

/** Sum of their lengths, in milliseconds. */
export function totalMs(stalls: readonly Stall[]): number {
  return stalls.reduce((sum, { ms }) => sum + ms, 0);
}

/**
 * Where the playhead would be at `wallMs` if it goes on, in seconds of the stream: the same number for the same
 * picture in every page that plays the same playlist.
 * @param segmentSeconds the (constant) length of the stream's segments.
 * @returns undefined while the page's position is not known.
 */
export function streamSeconds(
  { position, wallMs: readAt }: Reading,
  wallMs: number,
  segmentSeconds: number,
): number | undefined {
  return position === undefined
    ? undefined
    : position.msn * segmentSeconds + position.offsetSeconds + (wallMs - readAt) / 1000;
}
