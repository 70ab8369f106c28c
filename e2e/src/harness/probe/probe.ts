import type { BrowserContext, Page } from '@playwright/test';
import { installProbe } from './install-probe.ts';
import { PROBE, type Reading } from './reading.ts';

/** Puts the probe into every page that the context will open. */
export async function addProbe(context: BrowserContext): Promise<void> {
  // Transpilers name inner functions through a helper that a page does not have.
  await context.addInitScript({
    content: `globalThis.__name ??= (f) => f; (${installProbe.toString()})(${JSON.stringify(PROBE)});`,
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

/** Sum of the lengths of all stalls, in milliseconds. */
export function stalledMs({ stalls }: Reading): number {
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
