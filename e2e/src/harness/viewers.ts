import type { Browser, ConsoleMessage, Page } from '@playwright/test';
import { setTimeout as pause } from 'node:timers/promises';
import { addProbe, read } from './probe/probe.ts';
import { statistics } from './statistics.ts';
import { shapeUplink } from './uplink/shape-uplink.ts';

/** Lines kept of each page's console. */
const MAX_LINES = 1000;

export interface ViewerOptions {
  /** Runs in the page before its own scripts, as a browser that differs would be. */
  readonly prepare?: () => void;
  /** What the page's data channels may send together, in kbit/s, more than 0. Undefined: as much as the machine carries. */
  readonly uplinkKbps?: number;
  /** Where each viewer has a browser of its own; default: the one that all share. */
  readonly browser?: Browser;
}

/** Somebody who watches: a page in a browser context of its own, so that nothing is shared but the network. */
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
   * A viewer whose browser runs already, for tests that measure: to start a page's process costs this machine more
   * than to start the player in it, and a real viewer's machine does not start everybody's.
   * @returns what opens the page
   */
  async ready(name: string, url: string, options: ViewerOptions = {}): Promise<() => Promise<Viewer>> {
    const viewer = await this.#add(name, options);
    await goToEmptyPage(viewer.page, url);
    return async () => {
      await viewer.page.goto(url, { waitUntil: 'commit' });
      return viewer;
    };
  }

  /** Goes to another page of the same site, as somebody who had enough. The page's process stays until the end. */
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

  /** As a tab that crashes: its process is gone, nobody is told. */
  async kill(viewer: Viewer): Promise<void> {
    const session = await viewer.page.context().newCDPSession(viewer.page);
    const crashed = viewer.page.waitForEvent('crash');
    // It never answers: its target is gone.
    session.send('Page.crash').catch(() => undefined);
    await crashed;
  }

  /** For a failed test: what each viewer's player did, what its client says of itself, and its console. */
  async stories(): Promise<ReadonlyMap<string, string>> {
    const stories = [...this.#open].map(async ([{ name, page }, log]) => {
      // A crashed page answers nothing, for ever.
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

/** An empty page of the same site has the process that the viewer's has. */
async function goToEmptyPage(page: Page, siteUrl: string): Promise<void> {
  const empty = new URL('/empty', siteUrl).href;
  // Once: while a page has a route, all its requests take the way through this process.
  await page.route(empty, (route) => route.fulfill({ contentType: 'text/html', body: '' }), { times: 1 });
  await page.goto(empty);
}

async function figuresOf(page: Page): Promise<unknown> {
  return { seen: await read(page), selfReported: await statistics(page), requests: await requestsOf(page) };
}

/** What the page asked of the network: name, and start, first byte and end in milliseconds of the page's clock. */
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
