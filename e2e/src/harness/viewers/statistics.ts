import type { Freshet, Statistics } from '@freshet/client';
import type { Page } from '@playwright/test';

/** The statistics of a page's client. Undefined before it runs, and on pages without it. */
export function statistics(page: Page): Promise<Statistics | undefined> {
  return page.evaluate(() => {
    const player = document.querySelector('freshet-player') as { freshet?: Freshet } | null;
    return (player?.freshet ?? (globalThis as { freshet?: Freshet }).freshet)?.statistics;
  });
}
