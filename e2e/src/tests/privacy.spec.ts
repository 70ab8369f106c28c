import { signIn, TOKEN } from '../harness/pages/console-page.ts';
import { expect, test } from '../harness/test.ts';
import { TurnServer } from '../harness/servers/turn-server.ts';
import { statistics } from '../harness/viewers/statistics.ts';
import type { Viewer } from '../harness/viewers/viewers.ts';

const SECRET = 'the-secret-of-both-servers';

let turn: TurnServer;
test.beforeEach(async () => {
  turn = await TurnServer.start({ secret: SECRET });
});
test.afterEach(async () => {
  await turn.close();
});

const links = async ({ page }: Viewer) => (await statistics(page))?.links;

/** Every signal that leaves the page, as the WebSocket carries it. Call it before the page opens its connection. */
function signalsFrom({ page }: Viewer): string[] {
  const sent: string[] = [];
  page.on('websocket', (socket) => {
    socket.on('framesent', ({ payload }) => {
      const text = payload.toString();
      if (text.includes('"signal"')) sent.push(text);
    });
  });
  return sent;
}

const candidateTypes = (signals: readonly string[]) =>
  new Set([...signals.join('\n').matchAll(/ typ (\w+)/g)].map(([, type]) => type));

test('switched to relay-only in the console, no page lets out a candidate that is not relayed', async ({
  startServer,
  viewers,
  page: operator,
}) => {
  const server = await startServer({
    args: ['--admin-token', TOKEN, '--ice-server', turn.url, '--turn-secret', SECRET],
  });
  await server.live('demo');
  const watching = [await viewers.open('a', 'about:blank'), await viewers.open('b', 'about:blank')];
  const sent = watching.map(signalsFrom);
  for (const { page } of watching) await page.goto(server.watchUrl('demo'));
  for (const viewer of watching)
    await expect.poll(() => links(viewer), { timeout: 30_000 }).toMatchObject({ direct: 1, relayed: 0 });
  expect(candidateTypes(sent.flat())).toContain('host');

  await signIn(operator, server.url);
  await operator.getByRole('link', { name: 'demo' }).click();
  await operator.getByRole('combobox', { name: 'Links' }).selectOption('relay-only');
  for (const signals of sent) signals.length = 0;
  await operator.getByRole('button', { name: 'Apply' }).click();
  await expect(operator.getByText('Applied.')).toBeVisible();
  // Both ends of a link between relays: one end may take the other's relay for a router.
  for (const viewer of watching)
    await expect.poll(() => links(viewer), { timeout: 30_000 }).toMatchObject({ direct: 0, relayed: 1 });
  const newcomer = await viewers.open('c', 'about:blank');
  const later = signalsFrom(newcomer);
  await newcomer.page.goto(server.watchUrl('demo'));
  await expect.poll(() => links(newcomer), { timeout: 30_000 }).toMatchObject({ direct: 0, relayed: 2 });

  for (const signals of [...sent, later]) {
    expect([...candidateTypes(signals)]).toEqual(['relay']);
    // Neither as a candidate's related address nor elsewhere in a description.
    for (const [, related] of signals.join('\n').matchAll(/raddr (\S+)/g)) expect(related).toBe('0.0.0.0');
  }
  expect(turn.allocations).toBeGreaterThanOrEqual(4);
});

test('in same-network pages tell their own addresses alone, and ask no other server', async ({
  startServer,
  viewers,
}) => {
  const args = ['--p2p', 'same-network', '--ice-server', turn.url, '--turn-secret', SECRET];
  const server = await startServer({ args });
  await server.live('demo');
  const watching = [await viewers.open('a', 'about:blank'), await viewers.open('b', 'about:blank')];
  const sent = watching.map(signalsFrom);
  for (const { page } of watching) await page.goto(server.watchUrl('demo'));
  for (const viewer of watching)
    await expect.poll(() => links(viewer), { timeout: 30_000 }).toMatchObject({ direct: 1 });
  for (const signals of sent) expect([...candidateTypes(signals)]).toEqual(['host']);
  expect(turn.requests, 'STUN and TURN requests').toBe(0);
});
