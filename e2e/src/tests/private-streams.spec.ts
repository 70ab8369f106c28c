import { addPlainPage } from '../harness/pages/plain-page.ts';
import { read } from '../harness/probe/probe.ts';
import { TokenService } from '../harness/servers/token-service.ts';
import { expect, test } from '../harness/test.ts';
import { expectNoStall, playing, playOn } from '../harness/viewers/play.ts';
import { statistics } from '../harness/viewers/statistics.ts';

const ADMIN = 'a-token-of-the-test';
/** Tokens of the pages. They expire several times during the test. */
const TOKEN_SECONDS = 6;
const ENDS_WITHIN_MS = 10_000;

test('a private stream plays and is shared in hls.js, the element and the embed, renews its tokens, and ends for whom it is revoked', async ({
  startServer,
  viewers,
  pages,
}) => {
  const service = await TokenService.start(TOKEN_SECONDS);
  try {
    const server = await startServer({
      args: ['--access', 'demo=token', '--token-secret', service.secret, '--admin-token', ADMIN],
    });
    const plainUrl = `${server.playlistUrl('demo')}?token=${service.sign('guest', 600)}`;
    await expect.poll(async () => (await fetch(plainUrl)).status).toBe(200);
    const body = (html: string) => `<!doctype html><title>Tonight</title><body>${html}`;
    const makeToken = (sub: string) =>
      `<script>
  async function makeToken() {
    const answer = await fetch(${JSON.stringify(service.url(sub))});
    if (!answer.ok) throw new Error('no token');
    return answer.text();
  }
</script>`;
    const elementUrl = pages.addPage(
      'element.html',
      body(`<script src="${server.url}embed.js"></script>${makeToken('member')}<script>
  const player = document.createElement('freshet-player');
  for (const [name, value] of [['server', '${server.url}'], ['stream', 'demo'], ['autoplay', ''], ['muted', '']])
    player.setAttribute(name, value);
  player.token = makeToken;
  document.body.append(player);
</script>`),
    );
    const embedUrl = pages.addPage(
      'embed.html',
      body(
        `${makeToken('guest')}<script src="${server.url}embed.js" data-stream="demo" data-token-function="makeToken"></script>`,
      ),
    );
    const strangerUrl = pages.addPage(
      'stranger.html',
      body(`<script src="${server.url}embed.js" data-stream="demo"></script>`),
    );

    const stranger = await viewers.open('stranger', strangerUrl);
    await expect(stranger.page.getByRole('alert')).toHaveText(/No access to this stream/);
    await expect.poll(() => statistics(stranger.page), { timeout: ENDS_WITHIN_MS }).toBeUndefined();
    const member = await viewers.open('member', elementUrl);
    const guest = await viewers.open('guest', embedUrl);
    const plain = await viewers.open('plain', addPlainPage(pages)(plainUrl));
    const all = [member, guest, plain];
    await playing(all);
    await playOn(all, 3 * TOKEN_SECONDS);

    await expectNoStall(all);
    for (const { page } of [member, guest]) {
      expect(await statistics(page)).toMatchObject({ state: 'swarming', neighbours: 1 });
      expect((await statistics(page))?.peerBytes).toBeGreaterThan(50_000);
    }
    for (const sub of ['member', 'guest']) expect(service.given.get(sub), sub).toBeGreaterThan(2);

    service.refused.add('guest');
    const revoked = await fetch(`${server.url}control/streams/demo/revocations`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ADMIN}`, 'content-type': 'application/json' },
      body: JSON.stringify({ sub: 'guest' }),
    });
    expect(await revoked.json()).toEqual({ ended: 1 });
    const revokedAt = performance.now();
    await expect
      .poll(async () => (await statistics(member.page))?.neighbours, { timeout: ENDS_WITHIN_MS })
      .toBe(0);
    await expect(guest.page.getByRole('alert')).toHaveText(/No access to this stream/, {
      timeout: ENDS_WITHIN_MS,
    });
    expect(performance.now() - revokedAt).toBeLessThan(ENDS_WITHIN_MS);
    await expect
      .poll(() => statistics(guest.page), { message: 'its player is gone', timeout: ENDS_WITHIN_MS })
      .toBeUndefined();
    expect(performance.now() - revokedAt).toBeLessThan(ENDS_WITHIN_MS);
    await plain.page.waitForTimeout(Math.max(0, ENDS_WITHIN_MS - (performance.now() - revokedAt)));
    const { playedSeconds } = await read(plain.page);
    await playOn([member], 4);
    expect((await read(plain.page)).playedSeconds, 'the plain player has ended').toBe(playedSeconds);
    await expectNoStall([member]);
  } finally {
    await service.close();
  }
});
