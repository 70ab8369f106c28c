import { Audience } from '../harness/audience/attend.ts';
import { planVisits, type Visit, type VisitOptions } from '../harness/audience/plan-visits.ts';
import { type Clip, makeClip } from '../harness/sources/clip.ts';
import { addEnginePage, type EnginePages } from '../harness/pages/engine-page.ts';
import type { FreshetServer, ServerOptions } from '../harness/servers/freshet-server.ts';
import { LiveOrigin } from '../harness/sources/live-origin.ts';
import { PageServer } from '../harness/servers/page-server.ts';
import { expectSmooth } from '../harness/viewers/play.ts';
import { read } from '../harness/probe/probe.ts';
import type { Reading } from '../harness/probe/reading.ts';
import { evenPublications, nextPublication } from '../harness/sources/segment-clock.ts';
import { expect, test } from '../harness/test.ts';
import type { Viewers } from '../harness/viewers/viewers.ts';

/**
 * No viewer stalls, whatever the others do: six players of a source without an encoder, whose CPU they need. Their
 * pages are those of the benchmark, and are ready before the first viewer joins.
 */
const VIEWERS = 6;
/** From a join to a running picture, while five others start on the same two cores. */
const START_SECONDS = 6;
/** The same for viewers that are refused and try again. */
const CROWDED_START_SECONDS = 16;

let clip: Clip;
let pages: PageServer;
let engine: EnginePages;
let origin: LiveOrigin;
test.beforeAll(async () => {
  clip = await makeClip(180);
  pages = await PageServer.start();
  engine = await addEnginePage(pages);
});
test.beforeEach(async () => {
  origin = await LiveOrigin.start(clip);
});
test.afterEach(() => origin.close());
test.afterAll(async () => {
  await engine.remove();
  await pages.close();
});

test('no viewer stalls when six viewers join a second apart', async ({ startServer, viewers }) => {
  const seen = await attend({ startServer, viewers }, { joinEveryMs: 1000, stayMs: 25_000 });
  expectSmoothSwarm(seen);
});

test('no viewer stalls when six viewers join at one moment', async ({ startServer, viewers }) => {
  const seen = await attend({ startServer, viewers }, { joinEveryMs: 0, stayMs: 25_000 });
  expectSmoothSwarm(seen);
});

test('no viewer stalls when viewers come and go after a mean of 20 s', async ({ startServer, viewers }) => {
  const churn = { joinEveryMs: 1000, stayMs: 40_000, meanStayMs: 20_000, seed: 3 };
  const seen = await attend({ startServer, viewers }, churn);
  expect(seen.length, 'visits').toBeGreaterThan(2 * VIEWERS);
  expectSmoothSwarm(seen);
});

/** One swarm for both, which is harder on the others than each alone: four viewers feed six. */
test('no viewer stalls when one uploads nothing and one has an uplink of 200 kbit/s', async ({
  startServer,
  viewers,
}) => {
  const seconds = 25;
  const seen = await attend(
    { startServer, viewers },
    { joinEveryMs: 1000, stayMs: seconds * 1000 },
    { 1: { uploads: false }, 2: { uplinkKbps: 200 } },
  );
  expectSmoothSwarm(seen);
  const sent = (seat: number): number =>
    seen.find(({ visit }) => visit.seat === seat)?.reading.sentBytes ?? Number.NaN;
  // Its requests and acknowledgements, a few kilobytes.
  expect.soft(sent(1), 'bytes sent by the one that gives nothing').toBeLessThan(50_000);
  const thin = (200_000 / 8) * (seconds + VIEWERS);
  expect.soft(sent(2), 'bytes sent over the thin uplink').toBeLessThan(thin);
  expect.soft(sent(2), 'bytes sent over the thin uplink').toBeGreaterThan(thin / 20);
});

test('of six viewers of a server that may send the stream three times, some wait and no playing viewer stalls', async ({
  startServer,
  viewers,
}) => {
  let server: FreshetServer | undefined;
  const start = async (options: ServerOptions) => {
    const args = ['--egress-limit-mbps', String((3 * clip.kbps) / 1000)];
    return (server = await startServer({ ...options, args }));
  };
  const seen = await attend({ startServer: start, viewers }, { joinEveryMs: 200, stayMs: 30_000 });
  expectSmoothSwarm(seen, CROWDED_START_SECONDS);
  const metrics = await server?.metrics();
  const refused = metrics?.sum('freshet_refused_requests_total', { reason: 'egress-limit' });
  expect.soft(refused, 'requests that were turned away').toBeGreaterThan(0);
});

/** The reading of a viewer from its join to its end. */
interface Seen {
  readonly visit: Visit;
  readonly seconds: number;
  readonly reading: Reading;
}

/** @param quirks by seat. */
async function attend(
  {
    startServer,
    viewers,
  }: { startServer: (options: ServerOptions) => Promise<FreshetServer>; viewers: Viewers },
  visits: Omit<VisitOptions, 'viewers'>,
  quirks: Readonly<Record<number, { readonly uploads?: boolean; readonly uplinkKbps?: number }>> = {},
): Promise<readonly Seen[]> {
  const server = await startServer({ sources: { live: origin.url } });
  await server.live('live');
  const url = server.playlistUrl('live');
  const plan = planVisits({ viewers: VIEWERS, ...visits });
  const audience = await Audience.ready({
    viewers,
    plan,
    page: ({ seat }) => {
      const { uploads, uplinkKbps } = quirks[seat] ?? {};
      return { url: engine.url(url, uploads), options: uplinkKbps === undefined ? {} : { uplinkKbps } };
    },
    look: ({ page }) => read(page),
  });
  await evenPublications(url);
  await nextPublication(url);
  return (await audience.attend()).map(({ visit, looks }) => {
    const reading = looks.at(-1);
    if (reading === undefined) throw new Error(`no observation of viewer ${visit.name}`);
    return { visit, reading, seconds: ((visit.leaveMs ?? plan.endMs) - visit.joinMs) / 1000 };
  });
}

/**
 * Expects that each viewer played without a stop while it was there, and that viewers fed one another. Otherwise the
 * absence of stalls would say nothing.
 */
function expectSmoothSwarm(seen: readonly Seen[], startSeconds = START_SECONDS): void {
  for (const { visit, seconds, reading } of seen) {
    expectSmooth(visit.name, reading);
    expect
      .soft(reading.playedSeconds, `viewer ${visit.name}: played of its ${seconds.toFixed(1)} s`)
      .toBeGreaterThan(seconds - startSeconds);
  }
  const startups = seen.map(
    ({ visit, reading }) => `${visit.name} ${reading.startupMs?.toFixed(0) ?? 'none'}`,
  );
  console.log(`startup, ms: ${startups.join(', ')}`);
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  const played = (sum(seen.map(({ reading }) => reading.playedSeconds)) * clip.kbps * 1000) / 8;
  const sent = sum(seen.map(({ reading }) => reading.sentBytes));
  expect.soft(sent / played, 'share that came from viewers').toBeGreaterThan(0.4);
}
