import type { Freshet } from '@freshet/client';
import { replayTrace } from '@freshet/swarm';
import type { Page } from '@playwright/test';
import { TOKEN } from '../harness/pages/console-page.ts';
import { playing, playOn } from '../harness/viewers/play.ts';
import { expect, test } from '../harness/test.ts';

test('traces of viewers and of the tracker replay to the same commands', async ({
  mediaServer,
  startServer,
  viewers,
}) => {
  const server = await startServer({ sources: { live: mediaServer.url }, args: ['--admin-token', TOKEN] });
  await server.live('live');
  const watching = [];
  for (const name of ['ann', 'ben', 'cem']) watching.push(await viewers.open(name, server.watchUrl('live')));
  await playing(watching);
  await playOn(watching, 15);

  const traces = await Promise.all(watching.map(({ page }) => record(page)));
  const response = await fetch(`${server.url}control/streams/live/trace`, {
    headers: { authorization: `Bearer ${TOKEN}` },
  });
  expect(response.status).toBe(200);
  const swarm = await response.text();

  const seen = new Set<string>();
  const replays = traces.map((trace) => replayTrace(trace, ({ step }) => seen.add(step.event.type)));
  for (const replay of [...replays, replayTrace(swarm, ({ step }) => seen.add(step.event.type))])
    expect([replay.header.dropped, replay.difference]).toEqual([0, undefined]);
  for (const { steps } of replays) expect(steps).toBeGreaterThan(100);
  expect([...seen]).toEqual(
    expect.arrayContaining(['piece-arrived', 'origin-piece', 'feedback', 'want', 'peer-reported']),
  );

  for (const text of [...traces, swarm]) {
    expect(text).not.toMatch(/\d+\.\d+\.\d+\.\d+|candidate|https?:|stun:/);
    expect(text).not.toContain(TOKEN);
  }
});

function record(page: Page): Promise<string> {
  return page.evaluate(() => {
    const player = document.querySelector('freshet-player') as { freshet?: Freshet } | null;
    return player?.freshet?.record() ?? '';
  });
}
