import { setTimeout as pause } from 'node:timers/promises';
import type { Browser } from '@playwright/test';
import { Closers } from '../bench/closers.ts';
import type { Engine } from '../bench/engines/engine.ts';
import { lookAt, visitResult } from '../bench/look.ts';
import { SegmentSizes } from '../bench/segment-sizes.ts';
import { Audience } from '../src/harness/audience/attend.ts';
import { planVisits } from '../src/harness/audience/plan-visits.ts';
import { CountingProxy } from '../src/harness/servers/counting-proxy.ts';
import { FreshetServer } from '../src/harness/servers/freshet-server.ts';
import type { PageServer } from '../src/harness/servers/page-server.ts';
import { readAll } from '../src/harness/probe/probe.ts';
import { evenPublications, nextPublication } from '../src/harness/sources/segment-clock.ts';
import { Viewers } from '../src/harness/viewers/viewers.ts';
import type { LabEngineName } from './engines.ts';
import type { LabResult } from './group-result.ts';
import { startHomeBrowser } from './home-browser.ts';
import { Meter } from './meter.ts';
import { Calls } from './net/calls.ts';
import { Carrier } from './net/carrier.ts';
import { cutLine, SERVER_ADDRESS } from './net/network.ts';
import { processorTime, processorUse } from './processor.ts';
import type { Scenario } from './scenarios.ts';
import type { Source } from './source.ts';

const STREAM = 'live';
/** Wait after the last join. The last viewer has started by then. */
const SETTLE_MS = 10_000;

export interface GroupOptions {
  readonly scenario: Scenario;
  readonly engine: Engine & { readonly name: LabEngineName };
  readonly startSource: () => Promise<Source>;
  readonly pages: PageServer;
  readonly seconds: number;
  readonly call: boolean;
  readonly seed: number;
}

/**
 * Runs one audience with its own lines, source and server, and a browser in each home. The viewers join, stay, and are
 * measured.
 */
export async function runGroup(options: GroupOptions): Promise<LabResult> {
  const { engine, scenario, pages, seed, call } = options;
  const { homes } = scenario;
  const parts = new Closers();
  try {
    const carrier = parts.add(await Carrier.start(homes, seed), (part) => part.close());
    const calls = call ? parts.add(await Calls.start(homes.length), (part) => part.close()) : undefined;
    const source = parts.add(await options.startSource(), (part) => part.close());
    const args = [...source.serverArgs, ...engine.serverArgs({})];
    const server = parts.add(await FreshetServer.start({ sources: { [STREAM]: source.url }, args }), (part) =>
      part.kill(),
    );
    await server.live(STREAM);
    const proxy = parts.add(await CountingProxy.start(server.url, SERVER_ADDRESS), (part) => part.close());
    const sizes = parts.add(new SegmentSizes(server.playlistUrl(STREAM)), (part) => {
      part.close();
    });
    const origins = [proxy.url, pages.url].map((url) => new URL(url).origin);
    const browsers: Browser[] = [];
    const visits = scenario.meanStayMs === undefined ? 'one' : 'several';
    for (const home of homes.keys())
      browsers.push(parts.add(await startHomeBrowser(home, origins, visits), (part) => part.close()));
    const meter = new Meter({ source, proxy, sizes, carrier, calls });
    try {
      return await watch(options, { source, server, proxy, sizes, browsers, meter });
    } catch (error) {
      throw new Error(`the run failed; the server's log:\n${server.output}`, { cause: error });
    }
  } finally {
    await parts.close();
  }
}

interface Stage {
  readonly source: Source;
  readonly server: FreshetServer;
  readonly proxy: CountingProxy;
  readonly sizes: SegmentSizes;
  readonly browsers: readonly Browser[];
  readonly meter: Meter;
}

async function watch(options: GroupOptions, stage: Stage): Promise<LabResult> {
  const { engine, scenario, seed } = options;
  const { source, server, proxy, sizes, browsers, meter } = stage;
  const [firstBrowser] = browsers;
  if (firstBrowser === undefined) throw new Error(`scenario ${scenario.name} has no home`);
  const { joinEveryMs, meanStayMs } = scenario;
  const stayMs = options.seconds * 1000;
  const plan = planVisits({ viewers: browsers.length, seed, joinEveryMs, stayMs, meanStayMs });
  const viewers = new Viewers(firstBrowser);
  const audience = await Audience.ready({
    viewers,
    plan,
    page: ({ seat }) => {
      const page = engine.page(`${proxy.url}live/${STREAM}/index.m3u8`, {});
      return {
        url: page.url,
        options: { ...page.options, prepare: scrollAway, browser: browsers[seat] ?? firstBrowser },
      };
    },
    look: (viewer) => lookAt(viewer, source.latency),
  });
  await sizes.look();
  await evenPublications(server.playlistUrl(STREAM));
  await nextPublication(server.playlistUrl(STREAM));

  const [processorBefore, begun] = [processorTime(), await meter.read([])];
  const attending = audience.attend();
  // A failed visit ends the run at the `await` below, not earlier as an unhandled rejection.
  attending.catch(() => undefined);
  await pause(plan.fullMs + SETTLE_MS);
  const settled =
    meanStayMs === undefined
      ? await meter.read(await readAll(audience.present.map(({ page }) => page)))
      : undefined;
  if (scenario.cut !== undefined) {
    const mend = cutLine(scenario.cut.home);
    await pause(scenario.cut.forMs);
    mend();
  }
  const attended = await attending;
  const ended = await meter.read(attended.flatMap(({ looks }) => looks.at(-1)?.reading ?? []));
  const processor = processorUse(processorBefore, processorTime());
  await viewers.close();
  await sizes.look();
  return {
    engine: engine.name,
    scenario: scenario.name,
    seed,
    total: meter.window(begun, ended),
    steady: settled && meter.window(settled, ended),
    visits: attended.map(visitResult),
    processor,
  };
}

/**
 * Runs in the page: moves the player out of sight, as when a viewer reads something else on the page. It keeps playing,
 * and six homes that draw nothing save a tenth of a core.
 */
function scrollAway(): void {
  addEventListener('DOMContentLoaded', () => {
    document.documentElement.style.paddingTop = '200vh';
  });
}
