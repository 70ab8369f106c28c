import type { Refusal } from '@freshet/protocol';
import { type CryptoKey, exportJWK, exportSPKI, generateKeyPair } from 'jose';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { joinAsAttacker, startAttackedServer } from '../testing/attacked-server.ts';
import { addressesIn, inSeconds, listed, PRIVATE, SECRET, sign } from '../testing/private-stream.ts';

const ADMIN = 'a-token-of-sixteen';

async function statusOf(url: string, init?: RequestInit): Promise<number> {
  const response = await fetch(url, init);
  await response.text();
  return response.status;
}

/** One address of each kind that a viewer requests, as a stranger could learn it from another's playlist. */
async function everyAddress(server: string) {
  const { playlist, text, segments } = await listed(server, await sign());
  const [init = ''] = /(?<=EXT-X-MAP:URI=")[^"]+/.exec(text) ?? [];
  const [segment = ''] = segments;
  const bare = (url: string) => {
    const all = new URL(url, playlist);
    for (const name of ['token', 'ticket']) all.searchParams.delete(name);
    return all.href;
  };
  return {
    multivariant: `${server}/live/demo/index.m3u8`,
    playlist: bare(playlist),
    segment: bare(segment),
    pieces: bare(segment.replace('.m4s', '.pieces')),
    init: bare(init),
  };
}

describe('a stranger', () => {
  test('without a token gets nothing of a private stream, and a sentence that other sites can read', async () => {
    const { url } = await startAttackedServer(PRIVATE);
    for (const [kind, address] of Object.entries(await everyAddress(url))) {
      const response = await fetch(address);
      expect(response.status, kind).toBe(401);
      expect(response.headers.get('access-control-allow-origin'), kind).toBe('*');
      expect(response.headers.get('cache-control'), kind).toBe('no-store');
      expect(await response.text(), kind).toBe('This stream is private: a token is required.\n');
      expect(await statusOf(address, { method: 'HEAD' }), kind).toBe(401);
      expect(await statusOf(`${address}${address.includes('?') ? '&' : '?'}token=`), kind).toBe(401);
    }
    const { reply } = await joinAsAttacker(url);
    expect(reply).toEqual({
      refusal: { code: 'denied', message: 'This stream is private: a token is required.' },
    });
  });

  test('finds no spelling of the path that avoids the check', async () => {
    const { url } = await startAttackedServer(PRIVATE);
    const { segment } = await everyAddress(url);
    const path = new URL(segment).pathname;
    for (const spelled of [
      '/live/%64emo/index.m3u8',
      '//live/demo/index.m3u8',
      '/live/demo//index.m3u8',
      '/LIVE/demo/index.m3u8',
      path.replace('demo', 'd%65mo'),
      `${path}/`,
    ])
      expect([400, 401, 404], spelled).toContain(await statusOf(`${url}${spelled}?epoch=1`));
    expect((await joinAsAttacker(url, { join: { stream: 'Demo' } })).reply).toHaveProperty('refusal');
  });

  test.each<[string, () => Promise<string>]>([
    ['expired', () => sign({ exp: inSeconds(-1) })],
    ['without an end', () => sign({}, SECRET, undefined, false)],
    ['not yet valid', () => sign({ nbf: inSeconds(30) })],
    ['for another stream', () => sign({ stream: 'other' })],
    ['for a pattern of other streams', () => sign({ stream: 'demo?*' })],
    ['without a stream', () => sign({ stream: 7 })],
    ['for another address', () => sign({ ip: '203.0.113.0/24' })],
    ['for a range that is none', () => sign({ ip: '0.0.0.0/0x0' })],
    ['for another site', () => sign({ origin: 'https://tv.example.org' })],
    ['of another secret', () => sign({}, SECRET.replace(/./, 'x'))],
    ['of an empty secret', async () => (await sign()).replace(/[^.]*$/, '')],
    ['that is no token', () => Promise.resolve('x'.repeat(10_000))],
    [
      'that says it needs no signature',
      async () => {
        const [, payload = ''] = (await sign()).split('.');
        return `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`;
      },
    ],
    [
      'with changed claims',
      async () => {
        const [header = '', , signature = ''] = (await sign({ exp: inSeconds(-1) })).split('.');
        const claims = Buffer.from(JSON.stringify({ stream: '*', exp: inSeconds(999) }));
        return `${header}.${claims.toString('base64url')}.${signature}`;
      },
    ],
  ])('with a token %s is refused by relay and tracker', async (_what, make) => {
    const { url } = await startAttackedServer(PRIVATE);
    const token = await make();
    const addresses = await everyAddress(url);
    for (const address of [addresses.multivariant, addresses.segment]) {
      const shown = new URL(address);
      shown.searchParams.set('token', token);
      // The server accepts addresses of 16 KiB, and a token of 4 KiB.
      expect(await statusOf(shown.href)).toBe(403);
    }
    const { reply } = await joinAsAttacker(url, { join: { token: token.slice(0, 4096) } });
    expect(reply).toMatchObject({ refusal: { code: 'denied' } });
  });

  test('cannot sign with the public key: the kind of key decides on the algorithm', async () => {
    const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true });
    const jwk = { ...(await exportJWK(publicKey)), kid: 'one' };
    const jwks = await serveJwks([jwk]);
    const { url } = await startAttackedServer(['--access', 'demo=token', '--token-jwks', jwks.url]);
    expect(
      await statusOf(
        `${url}/live/demo/index.m3u8?token=${await sign({}, privateKey, { alg: 'RS256', kid: 'one' })}`,
      ),
    ).toBe(200);
    for (const secret of [await exportSPKI(publicKey), JSON.stringify(jwk), jwk.n ?? ''])
      for (const header of [{ alg: 'HS256' }, { alg: 'HS256', kid: 'one' }])
        expect(await statusOf(`${url}/live/demo/index.m3u8?token=${await sign({}, secret, header)}`)).toBe(
          403,
        );
    const other = await generateKeyPair('RS256');
    expect(
      await statusOf(
        `${url}/live/demo/index.m3u8?token=${await sign({}, other.privateKey, { alg: 'RS256', kid: 'one' })}`,
      ),
    ).toBe(403);
  });

  test('gains nothing from a ticket that was changed, is for another use, or for another stream', async () => {
    const { url } = await startAttackedServer([
      ...['--source', 'demo=http://127.0.0.1:9/a.m3u8', '--source', 'other=http://127.0.0.1:9/b.m3u8'],
      ...['--access', '*=token', '--token-secret', SECRET],
    ]);
    const demo = await startAttackedServer(PRIVATE);
    const { text, playlist, segments } = await listed(demo.url, await sign());
    const segment = new URL(segments[0] ?? '');
    expect(await statusOf(segment.href)).toBe(200);
    const ticket = segment.searchParams.get('ticket') ?? '';
    const [time = '', mac = ''] = ticket.split('-', 2);
    const later = (Number.parseInt(time, 36) + 3600_000).toString(36);
    const init =
      new URL(/(?<=EXT-X-MAP:URI=")[^"]+/.exec(text)?.[0] ?? '', playlist).searchParams.get('ticket') ?? '';
    expect(init).not.toBe('');
    for (const wrong of [
      `${later}-${ticket.slice(time.length + 1)}`,
      `${ticket}x`,
      ticket.slice(0, -1),
      `${time}-${mac.replace(/^./, 'A')}A`,
      init,
      '-',
      '%00',
    ]) {
      const changed = new URL(segment);
      changed.searchParams.set('ticket', wrong);
      expect(await statusOf(changed.href), wrong).toBe(403);
    }
    // A ticket opens media and no playlist: whoever has one cannot go on without a token.
    const list = new URL(playlist);
    list.searchParams.delete('token');
    list.searchParams.set('ticket', ticket);
    expect(await statusOf(list.href)).toBe(401);
    // The same secret signs for all streams, and the name of the stream is signed.
    expect(await statusOf(`${url}/live/other/0a0b0c0d/1.m4s?epoch=1&ticket=${ticket}`)).toBe(403);
    expect(await statusOf(`${url}/live/demo/0a0b0c0d/1.m4s?epoch=1&ticket=${ticket}`)).toBe(404);
  });

  test('cannot use a cached address after its ticket has expired', async () => {
    let now = 0;
    const { url } = await startAttackedServer(PRIVATE, { now: () => performance.now() + now });
    const { segments } = await listed(url, await sign({ exp: inSeconds(500) }));
    const fresh = await fetch(segments[0] ?? '');
    const [, seconds] =
      /^public, max-age=(\d+), immutable$/.exec(fresh.headers.get('cache-control') ?? '') ?? [];
    expect(Number(seconds)).toBeGreaterThan(30);
    expect(Number(seconds)).toBeLessThanOrEqual(60);
    now += 61_000;
    expect(await statusOf(segments[0] ?? '')).toBe(403);
  });
});

describe('a viewer with a token', () => {
  test('plays with any HLS player: addresses carry what is needed, and segments are the same for all', async () => {
    const { url } = await startAttackedServer(PRIVATE);
    const [a, b] = [
      await listed(url, await sign({ sub: 'a' })),
      await listed(url, await sign({ sub: 'b', ip: '127.0.0.0/8' })),
    ];
    for (const address of a.segments) expect(await statusOf(address)).toBe(200);
    const shared = b.segments.filter((address) => a.segments.includes(address));
    expect(shared.length).toBeGreaterThan(0);
    expect(a.text).not.toContain('token=');
    const init = new URL(/(?<=EXT-X-MAP:URI=")[^"]+/.exec(a.text)?.[0] ?? '', a.playlist).href;
    expect(await statusOf(init)).toBe(200);
    const bearer = { headers: { authorization: `Bearer ${await sign()}` } };
    expect(await statusOf(`${url}/live/demo/index.m3u8`, bearer)).toBe(200);
    const { reply } = await joinAsAttacker(url, { join: { token: await sign({ stream: 'd*' }) } });
    expect(reply).toHaveProperty('welcome');
  });

  test('S11: is asked for a new token before the old one expires, and leaves the swarm without one', async () => {
    const { url } = await startAttackedServer(PRIVATE);
    const brief = () => sign({ exp: inSeconds(3) });
    const renewing = await joinAsAttacker(url, { join: { token: await brief() } });
    const silent = await joinAsAttacker(url, { join: { token: await brief() } });
    const foreign = await joinAsAttacker(url, { join: { token: await brief() } });
    const ends = [silent, foreign].map(
      ({ socket }) => new Promise<Refusal>((resolve) => socket.once('refused', resolve)),
    );
    const better = await sign({ exp: inSeconds(120) });
    const other = await sign({ stream: 'other', exp: inSeconds(120) });
    renewing.socket.on('renew', () => renewing.socket.emit('token', { token: better }));
    foreign.socket.on('renew', () => foreign.socket.emit('token', { token: other }));
    for (const end of ends) expect(await end).toEqual({ code: 'denied', message: 'The token has expired.' });
    await expect.poll(() => silent.socket.connected).toBe(false);
    expect(renewing.socket.connected).toBe(true);
  }, 15_000);
});

describe('a viewer whose token is revoked', () => {
  const revoke = (url: string, body: object) =>
    fetch(`${url}/control/streams/demo/revocations`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ADMIN}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });

  test('S11: loses playlists, segments, swarm and links, and no other viewer does', async () => {
    let now = 0;
    const { url } = await startAttackedServer([...PRIVATE, '--admin-token', ADMIN], {
      now: () => performance.now() + now,
    });
    const tokens = { guest: await sign({ sub: 'guest' }), other: await sign({ sub: 'other' }) };
    const [guest, other] = await Promise.all(
      Object.values(tokens).map((token) => joinAsAttacker(url, { join: { token } })),
    );
    if (guest === undefined || other === undefined) throw new Error('not joined');
    const peerOf = ({ reply }: typeof guest) => ('welcome' in reply ? reply.welcome.peer : '');
    const report = {
      neighbours: [peerOf(guest)],
      renditions: [],
      uploads: true,
      seeking: false,
      peerBytes: 0,
      originBytes: 0,
      uploadedBytes: 0,
      stalls: 0,
    };
    other.socket.emit('report', report);
    const { segments, playlist } = await listed(url, tokens.guest);
    const refused = new Promise<Refusal>((resolve) => guest.socket.once('refused', resolve));
    const expelled = new Promise((resolve) => other.socket.once('expel', resolve));

    const answer = await revoke(url, { sub: 'guest' });
    expect(await answer.json()).toEqual({ ended: 1 });
    expect(await refused).toEqual({ code: 'denied', message: 'Access to this stream was revoked.' });
    expect(await expelled).toEqual({ peer: peerOf(guest) });
    await expect.poll(() => guest.socket.connected).toBe(false);
    expect(await statusOf(playlist)).toBe(403);
    expect((await joinAsAttacker(url, { join: { token: tokens.guest } })).reply).toHaveProperty('refusal');

    // Others find new tickets in their playlists before the old ones end.
    expect(other.socket.connected).toBe(true);
    expect(await statusOf(segments.at(-1) ?? '')).toBe(200);
    const { segments: renewed } = await listed(url, tokens.other);
    now += 8500;
    expect(await statusOf(segments.at(-1) ?? '')).toBe(403);
    expect(await statusOf(renewed.at(-1) ?? '')).toBe(200);
    now += 0;
    expect((await revoke(url, {})).status).toBe(400);
    expect(await (await revoke(url, { all: true })).json()).toEqual({ ended: 1 });
    expect(await statusOf(`${url}/live/demo/index.m3u8?token=${tokens.other}`)).toBe(403);
  });
});

describe('public keys', () => {
  test('are followed when they rotate, and an unreachable set changes nothing for known keys', async () => {
    let now = 0;
    const [one, two] = [await generateKeyPair('ES256'), await generateKeyPair('EdDSA')];
    const [first, second] = [
      { ...(await exportJWK(one.publicKey)), kid: '1' },
      { ...(await exportJWK(two.publicKey)), kid: '2' },
    ];
    const jwks = await serveJwks([first]);
    const { url } = await startAttackedServer(['--access', 'demo=token', '--token-jwks', jwks.url], {
      now: () => performance.now() + now,
    });
    const far = { exp: inSeconds(3000) };
    const play = async (key: CryptoKey, alg: string, kid: string) =>
      statusOf(`${url}/live/demo/index.m3u8?token=${await sign(far, key, { alg, kid })}`);
    expect(await play(one.privateKey, 'ES256', '1')).toBe(200);
    expect(await play(two.privateKey, 'EdDSA', '2')).toBe(403);
    jwks.keys = [first, second];
    // Unknown keys do not make the server read the set for each request.
    expect(await play(two.privateKey, 'EdDSA', '2')).toBe(403);
    expect(jwks.reads).toBe(1);
    now += 6000;
    expect(await play(two.privateKey, 'EdDSA', '2')).toBe(200);
    jwks.keys = [second];
    now += 61_000;
    await play(two.privateKey, 'EdDSA', '2');
    await expect.poll(() => play(one.privateKey, 'ES256', '1')).toBe(403);
    jwks.keys = undefined;
    now += 61_000;
    expect(await play(two.privateKey, 'EdDSA', '2')).toBe(200);
  });

  test('that were never read admit nobody, and say so', async () => {
    const { url } = await startAttackedServer([
      '--access',
      '*=token',
      '--token-jwks',
      'http://127.0.0.1:9/keys',
    ]);
    const { privateKey } = await generateKeyPair('ES256');
    const response = await fetch(
      `${url}/live/demo/index.m3u8?token=${await sign({}, privateKey, { alg: 'ES256' })}`,
    );
    expect(response.status).toBe(503);
    expect(await response.text()).toContain('does not respond');
  });
});

test('a list of addresses has tickets for media only', async () => {
  const { url } = await startAttackedServer(PRIVATE);
  const { segments, playlist } = await listed(url, await sign());
  expect(segments.every((address) => /[?&]ticket=[^&]+$/.test(address))).toBe(true);
  expect(addressesIn(playlist, url)).toHaveLength(1);
});

/** A service with the public keys. `keys` undefined: it fails. */
async function serveJwks(first: readonly object[]) {
  const service = { url: '', keys: first as readonly object[] | undefined, reads: 0 };
  const server = createServer((_request, response) => {
    service.reads++;
    if (service.keys === undefined) response.writeHead(500).end('{');
    else response.end(JSON.stringify({ keys: service.keys }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  service.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
  return service;
}
