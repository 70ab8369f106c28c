import type { Introduction, JoinReply, Policy, Signal, SignalFrom } from '@freshet/protocol';
import type { Socket } from 'socket.io-client';
import { expect, it } from 'vitest';
import { joinAsAttacker, startAttackedServer } from '../testing/attacked-server.ts';
import { RECORDED } from '../testing/recorded-signals.ts';

const TOKEN = 'a-token-of-the-operator';
const SERVER = ['--trust-proxy', '1', '--admin-token', TOKEN];
const TURN = ['--ice-server', 'turn:user:password@7.7.7.7:3478'];

const candidate = (text: string): Signal => ({
  type: 'candidate',
  candidate: { candidate: text, sdpMid: '0' },
});
const line = (type: string, address: string) =>
  `candidate:1 1 udp 1 ${address} 50000 typ ${type} generation 0`;
const sdp = RECORDED['chromium']?.flatMap(([, signal]) => ('sdp' in signal ? [signal.sdp] : []))[0] ?? '';
const policyOf = (reply: JoinReply) => ('welcome' in reply ? reply.welcome.policy : undefined);
const peerOf = (reply: JoinReply) => ('welcome' in reply ? reply.welcome.peer : '');
const nextPolicy = (socket: Socket) => new Promise<Policy>((resolve) => socket.once('policy', resolve));

const share = (url: string, sharing: object) =>
  fetch(`${url}/control/streams/demo/sharing`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${TOKEN}` },
    body: JSON.stringify(sharing),
  });

/** All that one viewer hears of another, which sends addresses of every type, in a description and beside it. */
async function leaks(url: string, [from, to]: readonly [string, string]): Promise<string> {
  const { socket, reply } = await joinAsAttacker(url, { address: to });
  const heard: Signal[] = [];
  socket.on('signal', ({ signal }: SignalFrom) => heard.push(signal));
  const { socket: other } = await joinAsAttacker(url, { address: from });
  const candidates = [line('host', from), line('srflx', from), line('relay', '7.7.7.7')];
  const within = sdp.replace('a=mid:0', ['a=mid:0', ...candidates.map((each) => `a=${each}`)].join('\r\n'));
  other.emit('signal', {
    to: peerOf(reply),
    signal: { type: 'offer', sdp: within.replaceAll('0.0.0.0', from) },
  });
  for (const each of candidates) other.emit('signal', { to: peerOf(reply), signal: candidate(each) });
  other.emit('signal', { to: peerOf(reply), signal: candidate('') });
  await expect.poll(() => heard.at(-1)).toEqual(candidate(''));
  return JSON.stringify(heard);
}

it('in relay-only a viewer hears nothing of another’s address, whatever the other’s page sends', async () => {
  const { url } = await startAttackedServer([...SERVER, ...TURN, '--p2p', 'relay-only']);
  const heard = await leaks(url, ['9.9.9.9', '8.8.8.8']);
  expect(heard).toContain('7.7.7.7');
  expect(heard).not.toContain('9.9.9.9');
});

it('switched to relay-only in the console, viewers close their links first, and addresses stop at the tracker', async () => {
  const { url } = await startAttackedServer([...SERVER, ...TURN]);
  const { socket, reply } = await joinAsAttacker(url, { address: '6.6.6.6' });
  expect(policyOf(reply)?.mode).toBe('full');
  const policies: Policy[] = [];
  socket.on('policy', (policy: Policy) => policies.push(policy));
  expect((await share(url, { paths: 'relay-only' })).status).toBe(200);
  await expect.poll(() => policies.map(({ mode }) => mode)).toEqual(['off', 'relay-only']);
  expect(policies.map(({ iceServers }) => iceServers.length)).toEqual([0, 1]);
  socket.disconnect();
  expect(await leaks(url, ['9.9.9.9', '8.8.8.8'])).not.toContain('9.9.9.9');
});

it('viewers are introduced under the new rule at once, after they learned it', async () => {
  const { url } = await startAttackedServer([...SERVER, ...TURN]);
  const { socket } = await joinAsAttacker(url, { address: '6.6.6.6' });
  const introduced = new Promise((resolve) => socket.once('introduce', resolve));
  await joinAsAttacker(url, { address: '5.5.5.5' });
  await introduced;
  const heard: string[] = [];
  socket.onAny((event: string, message: Partial<Policy>) => {
    if (event === 'policy' || event === 'introduce') heard.push(message.mode ?? event);
  });
  await share(url, { paths: 'relay-only' });
  await expect.poll(() => heard).toEqual(['off', 'relay-only', 'introduce']);
});

it('relay-only without a TURN server is refused with what to do', async () => {
  const { url } = await startAttackedServer(SERVER);
  const answer = await share(url, { paths: 'relay-only' });
  expect(answer.status).toBe(409);
  expect(await answer.text()).toContain('--ice-server');
});

it('in same-network viewers of other networks never meet, and no server is named to a page', async () => {
  const { url } = await startAttackedServer([...SERVER, ...TURN]);
  expect((await share(url, { paths: 'same-network' })).status).toBe(200);
  const met: Introduction[] = [];
  for (const address of ['6.6.6.6', '5.5.5.5', '4.4.4.4']) {
    const { socket, reply } = await joinAsAttacker(url, { address });
    expect(policyOf(reply)).toMatchObject({ mode: 'full', iceServers: [] });
    socket.on('introduce', (introduction: Introduction) => met.push(introduction));
  }
  const heard = await leaks(url, ['9.9.9.9', '9.9.9.8']);
  expect(met).toEqual([]);
  expect(heard).toContain('9.9.9.9 50000 typ host');
  for (const leak of ['srflx', 'relay', '7.7.7.7']) expect(heard).not.toContain(leak);
});

it('a server in same-network is so for every stream, and a console cannot loosen it', async () => {
  const { url } = await startAttackedServer([...SERVER, '--p2p', 'same-network']);
  expect((await share(url, { paths: 'any' })).status).toBe(200);
  const { socket } = await joinAsAttacker(url, { address: '6.6.6.6' });
  const met: Introduction[] = [];
  socket.on('introduce', (introduction: Introduction) => met.push(introduction));
  await leaks(url, ['9.9.9.9', '9.9.9.8']);
  expect(met).toEqual([]);
});

it('a change that loosens the rule cuts no links', async () => {
  const { url } = await startAttackedServer([...SERVER, ...TURN]);
  await share(url, { paths: 'relay-only' });
  const { socket } = await joinAsAttacker(url, { address: '6.6.6.6' });
  const policy = nextPolicy(socket);
  await share(url, { paths: 'any' });
  expect((await policy).mode).toBe('full');
});

it.each([
  ['prefix', '9.9.9.0/24'],
  ['none', undefined],
  ['full', '9.9.9.9'],
])('log lines contain of a viewer’s address: %s', async (detail, shown) => {
  const options = detail === 'prefix' ? [] : ['--log-addresses', detail];
  const { url, logged } = await startAttackedServer([...SERVER, '--log-level', 'trace', ...options]);
  const headers = { 'x-forwarded-for': '9.9.9.9' };
  for (const path of [
    '/',
    '/live/demo/index.m3u8',
    '/nothing',
    '/%E0',
    '/control/overview',
    '/ingest/demo/key/a.ts',
  ])
    await fetch(url + path, { headers });
  await joinAsAttacker(url, { address: '9.9.9.9' });
  await expect.poll(() => logged.filter((line) => line.includes('"request"')).length).toBe(6);
  const addresses = logged.join('').match(/9\.9\.9\.[\d/]+/g) ?? [];
  expect(new Set(addresses)).toEqual(new Set(shown === undefined ? [] : [shown]));
});

it('neither traces nor the console’s API contain candidates or addresses', async () => {
  const { url, logged } = await startAttackedServer([...SERVER, '--log-level', 'debug']);
  await leaks(url, ['9.9.9.9', '9.9.9.8']);
  const headers = { authorization: `Bearer ${TOKEN}` };
  for (const path of ['trace', 'swarm', 'history?span=hour', '']) {
    const text = await (
      await fetch(`${url}/control/streams/demo/${path}`.replace(/\/$/, ''), { headers })
    ).text();
    expect(text.length, path).toBeGreaterThan(2);
    for (const leak of ['9.9.9.', '7.7.7.7', 'typ host', 'ice-ufrag']) expect(text, path).not.toContain(leak);
  }
  for (const leak of ['9.9.9.9', '7.7.7.7', 'typ host', 'ice-ufrag'])
    expect(logged.join('')).not.toContain(leak);
});
