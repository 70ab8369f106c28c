import { expectNoStall, playing, playOn } from '../harness/viewers/play.ts';
import { statistics } from '../harness/viewers/statistics.ts';
import { expect, test } from '../harness/test.ts';
import { TurnServer } from '../harness/servers/turn-server.ts';
import type { Viewer } from '../harness/viewers/viewers.ts';

/** The tracker introduces the same pair again only after this time (`packages/swarm/src/tracker/introductions.ts`). */
const PAUSE_S = 20;
/**
 * The browser takes about seven seconds to detect a dead link, relays are added after two, and the link's kind is known
 * after one.
 */
const ANEW_MS = 15_000;

let turn: TurnServer;
test.beforeEach(async () => {
  turn = await TurnServer.start();
});
test.afterEach(async () => {
  await turn.close();
});

/**
 * Prevents direct paths from this page to others, as behind a router that admits no packets. Records its connections.
 */
function withoutDirectWays(): void {
  const made: RTCPeerConnection[] = [];
  Object.assign(globalThis, { made });
  const relayed = (configuration: RTCConfiguration = {}): RTCConfiguration => ({
    ...configuration,
    iceTransportPolicy: 'relay',
  });
  globalThis.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration?: RTCConfiguration) {
      super(relayed(configuration));
      made.push(this);
    }
    override setConfiguration(configuration?: RTCConfiguration): void {
      super.setConfiguration(relayed(configuration));
    }
  };
}

/** Connections that the page has made so far, and how many of those after the first `since` are connected. */
const connections = ({ page }: Viewer, since = 0) =>
  page.evaluate((from) => {
    const { made } = globalThis as unknown as { made: readonly RTCPeerConnection[] };
    const standing = made.slice(from).filter(({ connectionState }) => connectionState === 'connected');
    return { made: made.length, standing: standing.length };
  }, since);

const links = async ({ page }: Viewer) => (await statistics(page))?.links;

test('viewers without a direct path use relays; a viewer that loses them all plays on and is linked again', async ({
  mediaServer,
  startServer,
  viewers,
}) => {
  const server = await startServer({
    sources: { live: mediaServer.url },
    args: ['--ice-server', turn.url],
  });
  await server.live('live');
  const watch = server.watchUrl('live');
  const reachable = [await viewers.open('a', watch), await viewers.open('b', watch)];
  for (const viewer of reachable)
    await expect.poll(() => links(viewer), { timeout: 30_000 }).toMatchObject({ direct: 1 });
  expect(turn.allocations, 'nobody asked for a relay').toBe(0);

  const hidden = await viewers.open('c', watch, { prepare: withoutDirectWays });
  const all = [...reachable, hidden];
  await playing(all);
  await expect.poll(() => links(hidden), { timeout: 30_000 }).toMatchObject({ direct: 0, relayed: 2 });
  // The other ends may take a relay's address for a router's.
  const ends = async (kind: string) =>
    (await server.metrics()).sum('freshet_link_ends', { stream: 'live', kind });
  await expect.poll(() => ends('relayed')).toBeGreaterThanOrEqual(2);
  expect(await ends('direct')).toBe(2);
  await playOn(all, PAUSE_S);

  const connects = async () =>
    (await server.metrics()).sum('freshet_link_connect_seconds_count', { stream: 'live' });
  await expect.poll(connects, 'times to connect').toBeGreaterThan(0);
  const { made } = await connections(hidden);
  const takenBefore = (await statistics(hidden.page))?.peerBytes ?? 0;
  await turn.restart();
  const lostAt = performance.now();
  // One link may be back before the other is detected as dead.
  await expect
    .poll(async () => (await connections(hidden, made)).standing, {
      message: 'links made anew',
      timeout: 2 * ANEW_MS,
      intervals: [100],
    })
    .toBe(2);
  await expect.poll(() => links(hidden)).toMatchObject({ relayed: 2 });
  const anewMs = performance.now() - lostAt;
  console.info(`links anew after ${Math.round(anewMs)} ms`);
  expect.soft(anewMs, 'milliseconds until it was linked anew').toBeLessThan(ANEW_MS);
  await playOn(all, 10);
  await expectNoStall(all);
  expect
    .soft((await statistics(hidden.page))?.peerBytes, 'bytes from neighbours since')
    .toBeGreaterThan(takenBefore + 100_000);
  for (const viewer of reachable)
    expect
      .soft(await statistics(viewer.page), `links of viewer ${viewer.name}`)
      .toMatchObject({ neighbours: 2, links: { direct: 1 } });
});
