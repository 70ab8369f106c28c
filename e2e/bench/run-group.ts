import { setTimeout as pause } from 'node:timers/promises';
import { type Browser, chromium } from '@playwright/test';
import { Audience } from '../src/harness/audience/attend.ts';
import { chromiumOptions } from '../src/harness/viewers/chromium.ts';
import type { Clip } from '../src/harness/sources/clip.ts';
import { CountingProxy } from '../src/harness/servers/counting-proxy.ts';
import { FreshetServer } from '../src/harness/servers/freshet-server.ts';
import { LiveOrigin } from '../src/harness/sources/live-origin.ts';
import { readAll } from '../src/harness/probe/probe.ts';
import { evenPublications, nextPublication } from '../src/harness/sources/segment-clock.ts';
import { Viewers } from '../src/harness/viewers/viewers.ts';
import { Closers } from './closers.ts';
import { browserCpuSeconds } from './cpu.ts';
import type { Engine } from './engines/engine.ts';
import type { GroupResult } from './report/group-result.ts';
import { lookAt, pictureLatency, visitResult } from './look.ts';
import type { BenchOptions } from './options.ts';
import { limitsOf, planScenario } from './scenario.ts';
import { SegmentSizes } from './segment-sizes.ts';
import { TrafficMeter } from './traffic-meter.ts';

const STREAM = 'live';
/** Wait after the last join. The last viewer has started by then. */
const SETTLE_MS = 10_000;

export interface GroupOptions extends Omit<BenchOptions, 'engines' | 'runs'> {
  readonly engine: Engine;
  readonly clip: Clip;
}

/** Runs one group of viewers with its own source, server and browser. The viewers join, stay, and are measured. */
export async function runGroup(options: GroupOptions): Promise<GroupResult> {
  const parts = new Closers();
  try {
    const origin = parts.add(await LiveOrigin.start(options.clip), (part) => part.close());
    const args = options.engine.serverArgs(limitsOf(options.scenario, 0, options.clip.kbps));
    const server = parts.add(await FreshetServer.start({ sources: { [STREAM]: origin.url }, args }), (part) =>
      part.kill(),
    );
    await server.live(STREAM);
    const proxy = parts.add(await CountingProxy.start(server.url), (part) => part.close());
    const sizes = parts.add(new SegmentSizes(server.playlistUrl(STREAM)), (part) => {
      part.close();
    });
    const browser = parts.add(await chromium.launch(chromiumOptions()), (part) => part.close());
    try {
      return await watch(options, { origin, server, proxy, sizes, browser });
    } catch (error) {
      throw new Error(`the run failed; the server's log:\n${server.output}`, { cause: error });
    }
  } finally {
    await parts.close();
  }
}

interface Stage {
  readonly origin: LiveOrigin;
  readonly server: FreshetServer;
  readonly proxy: CountingProxy;
  readonly sizes: SegmentSizes;
  readonly browser: Browser;
}

async function watch(options: GroupOptions, stage: Stage): Promise<GroupResult> {
  const { engine, clip, scenario } = options;
  const { origin, server, proxy, sizes, browser } = stage;
  const plan = planScenario(options);
  const viewers = new Viewers(browser);
  const audience = await Audience.ready({
    viewers,
    plan,
    page: ({ seat }) =>
      engine.page(`${proxy.url}live/${STREAM}/index.m3u8`, limitsOf(scenario, seat, clip.kbps)),
    look: (viewer) => lookAt(viewer, (page) => pictureLatency(page, origin)),
  });
  await sizes.look();
  await evenPublications(server.playlistUrl(STREAM));
  await nextPublication(server.playlistUrl(STREAM));

  const meter = new TrafficMeter(origin, proxy);
  const begun = meter.read([]);
  const attending = audience.attend();
  // A failed visit ends the run at the `await` below, not earlier as an unhandled rejection.
  attending.catch(() => undefined);
  await pause(plan.fullMs);
  const [full, cpuBefore] = [performance.now(), await browserCpuSeconds(browser)];
  await pause(SETTLE_MS);
  const settled =
    scenario === 'churn' ? undefined : meter.read(await readAll(audience.present.map(({ page }) => page)));
  const attended = await attending;
  const cpuCores = ((await browserCpuSeconds(browser)) - cpuBefore) / ((performance.now() - full) / 1000);
  const ended = meter.read(attended.flatMap(({ looks }) => looks.at(-1)?.reading ?? []));
  await viewers.close();
  await sizes.look();
  return {
    engine: engine.name,
    total: ended.since(begun, sizes),
    steady: settled && ended.since(settled, sizes),
    visits: attended.map(visitResult),
    cpuCores,
  };
}
