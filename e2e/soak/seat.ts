import { setTimeout as pause } from 'node:timers/promises';
import type { Browser, Page } from '@playwright/test';
import { addProbe, read, starvations, totalMs } from '../src/harness/probe/probe.ts';
import { statistics } from '../src/harness/viewers/statistics.ts';
import { countIn, countsOf, heapOf, type PageCounts } from './page-counters.ts';

/** A visit's figures, read just before the viewer leaves. */
export interface SoakVisit {
  readonly playedSeconds: number;
  readonly stalls: number;
  readonly stalledMs: number;
  readonly peerBytes: number;
  readonly originBytes: number;
  readonly counts: PageCounts;
}

/** One place in the audience. A viewer takes it, watches, leaves, and another follows. */
export class Seat {
  readonly visits: SoakVisit[] = [];
  readonly #browser: Browser;
  readonly #url: string;
  #page: Page | undefined;

  constructor(browser: Browser, url: string) {
    this.#browser = browser;
    this.#url = url;
  }

  /** @param stayMs chooses how long each viewer stays */
  async run(stayMs: () => number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const context = await this.#browser.newContext({ viewport: { width: 500, height: 320 } });
      try {
        await addProbe(context);
        await countIn(context);
        const page = await context.newPage();
        await page.goto(this.#url, { waitUntil: 'commit' });
        this.#page = page;
        await pause(stayMs(), undefined, { signal }).catch(() => undefined);
        this.#page = undefined;
        this.visits.push(await visitOf(page));
      } finally {
        await context.close();
      }
    }
  }

  /** Figures of the viewer who is present; undefined between two viewers. */
  async look(): Promise<(PageCounts & { readonly heapBytes: number }) | undefined> {
    const page = this.#page;
    if (page === undefined) return undefined;
    try {
      return { ...(await countsOf(page)), heapBytes: await heapOf(page) };
    } catch (error) {
      // The viewer left meanwhile.
      if (this.#page !== page) return undefined;
      throw error;
    }
  }
}

async function visitOf(page: Page): Promise<SoakVisit> {
  const reading = await read(page);
  const own = await statistics(page);
  const starved = starvations(reading);
  return {
    playedSeconds: reading.playedSeconds,
    stalls: starved.length,
    stalledMs: totalMs(starved),
    peerBytes: own?.peerBytes ?? 0,
    originBytes: own?.originBytes ?? 0,
    counts: await countsOf(page),
  };
}
