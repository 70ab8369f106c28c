import type { Browser, ConsoleMessage, Page } from '@playwright/test';
import { setTimeout as pause } from 'node:timers/promises';
import { addProbe, read } from '../probe/probe.ts';
import { statistics } from './statistics.ts';
import { shapeUplink } from '../uplink/shape-uplink.ts';

/** Lines kept of each page's console. */
const MAX_LINES = 1000;

export interface ViewerOptions {
  /** Runs in the page before its own scripts, to simulate a different browser. */
  readonly prepare?: () => void;
  /**
   * Rate limit of all the page's data channels together, in kbit/s, more than 0. Undefined: as much as the machine
   * carries.
   */
  readonly uplinkKbps?: number;
  /** The viewer's own browser; default: the shared one. */
  readonly browser?: Browser;
}

/** A viewer: a page in its own browser context, so that viewers share only the network. */
export interface Viewer {
  readonly name: string;
  readonly page: Page;
}

/** All viewers of one test. */
export class Viewers {
  readonly #browser: Browser;
  readonly #open = new Map<Viewer, string[]>();

  constructor(browser: Browser) {
    this.#browser = browser;
  }

  /** Opens the page; does not wait for it to play. */
  async open(name: string, url: string, options: ViewerOptions = {}): Promise<Viewer> {
    const viewer = await this.#add(name, options);
    await viewer.page.goto(url, { waitUntil: 'commit' });
    return viewer;
  }

  /**
   * A viewer whose page process runs already, for tests that measure. Starting a page's process costs this machine more
   * than starting the player in it, and a real viewer's machine does not start those of all viewers.
   * @returns a function that opens the page
   */
  async ready(name: string, url: string, options: ViewerOptions = {}): Promise<() => Promise<Viewer>> {
    const viewer = await this.#add(name, options);
    await goToEmptyPage(viewer.page, url);
    return async () => {
      await viewer.page.goto(url, { waitUntil: 'commit' });
      return viewer;
    };
  }

  /** Goes to another page of the same site, as a viewer that stops watching. The page's process stays until the end. */
  async leave({ page }: Viewer): Promise<void> {
    await goToEmptyPage(page, page.url());
  }

  async #add(name: string, options: ViewerOptions): Promise<Viewer> {
    const { prepare, uplinkKbps, browser = this.#browser } = options;
    const context = await browser.newContext({ viewport: { width: 500, height: 320 } });
    await addProbe(context);
    if (uplinkKbps !== undefined)
      await context.addInitScript({ content: `(${shapeUplink.toString()})(${uplinkKbps});` });
    if (prepare !== undefined) await context.addInitScript(prepare);
    const page = await context.newPage();
    const viewer = { name, page };
    const log: string[] = [];
    const note = (line: string): void => {
      if (log.length < MAX_LINES) log.push(`${new Date().toISOString().slice(17, 23)} ${line}`);
    };
    page.on('console', (message: ConsoleMessage) => {
      note(`${message.type()}: ${message.text()} (${message.location().url})`);
    });
    page.on('pageerror', (error) => {
      note(`uncaught: ${error.stack ?? error.message}`);
    });
    this.#open.set(viewer, log);
    return viewer;
  }

  /** Crashes the tab: its process ends without notice to any peer. */
  async kill(viewer: Viewer): Promise<void> {
    const session = await viewer.page.context().newCDPSession(viewer.page);
    const crashed = viewer.page.waitForEvent('crash');
    // The call never returns, because its target is gone.
    session.send('Page.crash').catch(() => undefined);
    await crashed;
  }

  /** For a failed test: the reading of each viewer's player, its client's statistics, and its console. */
  async stories(): Promise<ReadonlyMap<string, string>> {
    const stories = [...this.#open].map(async ([{ name, page }, log]) => {
      // A crashed page never answers.
      const late = pause(2000).then(() => undefined);
      const figures = await Promise.race([figuresOf(page), late]).catch(() => undefined);
      return [name, [...log, JSON.stringify(figures, undefined, 2)].join('\n')] as const;
    });
    return new Map(await Promise.all(stories));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open.keys()].map(({ page }) => page.context().close()));
  }
}

/** An empty page of the same site runs in the same process as the viewer's page. */
async function goToEmptyPage(page: Page, siteUrl: string): Promise<void> {
  const empty = new URL('/empty', siteUrl).href;
  // Only once: while a page has a route, all its requests pass through this process.
  await page.route(empty, (route) => route.fulfill({ contentType: 'text/html', body: '' }), { times: 1 });
  await page.goto(empty);
}

async function figuresOf(page: Page): Promise<unknown> {
  return { seen: await read(page), selfReported: await statistics(page), requests: await requestsOf(page) };
}

/** The page's network requests: name, and start, first byte and end in milliseconds of the page's clock. */
function requestsOf(page: Page): Promise<readonly string[]> {
  return page.evaluate(() =>
    performance
      .getEntriesByType('resource')
      .filter((entry) => entry instanceof PerformanceResourceTiming)
      .map(({ name, startTime, responseStart, responseEnd }) =>
        [name.split('/').slice(3).join('/'), ...[startTime, responseStart, responseEnd].map(Math.round)].join(
          ' ',
        ),
      ),
  );
}
