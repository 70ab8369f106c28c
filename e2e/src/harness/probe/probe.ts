import type { BrowserContext, Page } from '@playwright/test';
import { installProbe } from './install-probe.ts';
import { PROBE, type Reading, type Stall } from './reading.ts';

/** Adds the probe to every page that the context will open, except the empty page. */
export async function addProbe(context: BrowserContext): Promise<void> {
  // Transpilers name inner functions through a helper that a page lacks.
  await context.addInitScript({
    content: `globalThis.__name ??= (f) => f; if (location.pathname !== '/empty') (${installProbe.toString()})(${JSON.stringify(PROBE)});`,
  });
}

/** The reading of the page's player so far. */
export function read(page: Page): Promise<Reading> {
  return page.evaluate((key) => {
    const probe = (globalThis as unknown as Record<string, (() => Reading) | undefined>)[key];
    if (probe === undefined) throw new Error('this page has no probe');
    return probe();
  }, PROBE);
}

/** Reads all pages at nearly the same instant. */
export function readAll(pages: readonly Page[]): Promise<Reading[]> {
  return Promise.all(pages.map(read));
}

/** With less than this ahead, the playhead stopped for lack of media. */
const STARVED_SECONDS = 0.5;
/** Decoding stops no machine that can run the tests for longer than this. */
const LONGEST_DECODER_STOP_MS = 2000;

/**
 * The stops caused by the stream: no media left to play, or a picture that does not continue. The machine, which
 * decodes for all viewers at once, causes short stops with seconds of media ahead.
 */
export function starvations({ stalls }: Reading): readonly Stall[] {
  return stalls.filter(
    ({ ms, aheadSeconds }) => aheadSeconds < STARVED_SECONDS || ms > LONGEST_DECODER_STOP_MS,
  );
}

/** The total length in milliseconds. */
export function totalMs(stalls: readonly Stall[]): number {
  return stalls.reduce((sum, { ms }) => sum + ms, 0);
}

/**
 * The playhead's position at `wallMs` if it keeps playing, in seconds of the stream. It is the same number for the same
 * picture in every page that plays the same playlist.
 * @param segmentSeconds the (constant) length of the stream's segments.
 * @returns undefined while the page's position is unknown.
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
