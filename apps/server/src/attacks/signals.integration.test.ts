import type { Introduction, PeerId, Signal, SignalFrom } from '@freshet/protocol';
import type { Socket } from 'socket.io-client';
import { describe, expect, it } from 'vitest';
import { joinAsAttacker, startAttackedServer } from '../testing/attacked-server.ts';
import { RECORDED } from '../testing/recorded-signals.ts';

/** Behind a proxy, so that viewers may come from different networks. */
const PROXIED = ['--trust-proxy', '1'];

interface Attacked {
  readonly attacker: Socket;
  readonly victim: PeerId;
  /** What the victim's browser was told to act on. */
  readonly heard: readonly Signal[];
  readonly url: string;
}

/** A victim, and an attacker that the tracker told to dial the victim. */
async function met(from = '9.9.9.9', to = '8.8.8.8'): Promise<Attacked> {
  const { url } = await startAttackedServer(PROXIED);
  const { socket, reply } = await joinAsAttacker(url, { address: to });
  if (!('welcome' in reply)) throw new Error('the victim was refused');
  const heard: Signal[] = [];
  socket.on('signal', ({ signal }: SignalFrom) => heard.push(signal));
  const introduced = new Promise<Introduction>((resolve) => socket.once('introduce', resolve));
  const { socket: attacker } = await joinAsAttacker(url, { address: from });
  expect((await introduced).dial).toBe(false);
  return { attacker, victim: reply.welcome.peer, heard, url };
}

const signalsOf = (browser: string, side: string) =>
  (RECORDED[browser] ?? []).flatMap(([who, signal]) => (who === side ? [signal] : []));
const [OFFER] = signalsOf('chromium', 'offering');
const sdp = OFFER?.type === 'offer' ? OFFER.sdp : '';
const candidate = (text: string): Signal => ({
  type: 'candidate',
  candidate: { candidate: text, sdpMid: '0' },
});
const udp = (address: string, port = 50_000) => candidate(`candidate:1 1 udp 1 ${address} ${port} typ host`);

async function rejected(url: string, reason: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const line = text
    .split('\n')
    .find((each) => each.startsWith(`freshet_rejected_messages_total{reason="${reason}"}`));
  return Number(line?.split(' ').at(-1) ?? 0);
}

describe('an introduced attacker', () => {
  it('C6: cannot send a browser’s packets to machines of the victim’s network, or anywhere over TCP', async () => {
    const { attacker, victim, heard, url } = await met();
    const send = (signal: Signal) => attacker.emit('signal', { to: victim, signal });
    const never = ['127.0.0.1', '192.168.1.1', '10.0.0.1', '100.64.0.1', 'fd00::1'];
    for (const address of never) send(udp(address));
    send(udp('9.9.9.9', 53));
    send(candidate('candidate:1 1 tcp 1 9.9.9.9 445 typ host tcptype passive'));
    for (const address of [
      '169.254.169.254',
      'fe80::1',
      '224.0.0.251',
      '0.0.0.0',
      'router.local',
      '::ffff:10.0.0.1',
    ])
      send(udp(address));
    const hidden = sdp.replace('a=mid:0', 'a=mid:0\r\na=candidate:1 1 udp 1 192.168.1.1 50000 typ host');
    send({ type: 'offer', sdp: hidden.replace('IN IP4 0.0.0.0', 'IN IP4 192.168.1.1') });
    send(udp('9.9.9.9'));
    await expect.poll(() => heard.length).toBe(2);
    expect(heard).toEqual([OFFER, udp('9.9.9.9')]);
    expect(await rejected(url, 'unusable-candidate')).toBe(12);
    expect(await rejected(url, 'invalid-signal')).toBe(1);
  });

  it('cannot make a browser open a microphone’s section, or parse rubbish, and is cut off', async () => {
    const { attacker, victim, heard } = await met();
    const closed = new Promise((resolve) => attacker.once('disconnect', resolve));
    for (let i = 0; i < 20; i++) {
      const rubbish = i % 2 === 0 ? `${sdp}m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n` : `v=0\r\n${'a'.repeat(i)}`;
      attacker.emit('signal', { to: victim, signal: { type: 'offer', sdp: rubbish } });
    }
    expect(await closed).toBe('io server disconnect');
    expect(heard).toEqual([]);
  });

  it('makes one offer that waits for its answer, and none to a viewer that was told to dial it', async () => {
    const { attacker, victim, heard, url } = await met();
    for (let i = 0; i < 30; i++) attacker.emit('signal', { to: victim, signal: OFFER });
    await expect.poll(() => rejected(url, 'out-of-turn')).toBe(29);
    expect(heard).toEqual([OFFER]);

    const introduced = new Promise<Introduction>((resolve) => attacker.once('introduce', resolve));
    await joinAsAttacker(url, { address: '7.7.7.7' });
    const { peer, dial } = await introduced;
    expect(dial).toBe(false);
    attacker.emit('signal', { to: peer, signal: OFFER });
    await expect.poll(() => rejected(url, 'out-of-turn')).toBe(30);
  });

  it('C4: gets twenty candidates through, wherever it puts them', async () => {
    const { attacker, victim, heard } = await met();
    const lines = Array.from(
      { length: 30 },
      (_, i) => `a=candidate:${i} 1 udp 1 9.9.9.${i} 50000 typ host\r\n`,
    );
    attacker.emit('signal', { to: victim, signal: { type: 'offer', sdp: sdp + lines.join('') } });
    for (let i = 0; i < 30; i++) attacker.emit('signal', { to: victim, signal: udp(`9.9.8.${i}`) });
    attacker.emit('signal', { to: victim, signal: candidate('') });
    await expect.poll(() => JSON.stringify(heard).match(/9\.9\.9\./g)?.length).toBe(20);
    expect(JSON.stringify(heard)).not.toContain('9.9.8.');
  });
});

it('two viewers behind one router exchange their local addresses', async () => {
  const { attacker, victim, heard } = await met('9.9.9.9', '9.9.9.8');
  attacker.emit('signal', { to: victim, signal: udp('192.168.1.7') });
  await expect.poll(() => heard).toEqual([udp('192.168.1.7')]);
});

it('viewers whose addresses an undeclared proxy hides exchange no local ones', async () => {
  const { url } = await startAttackedServer();
  const { socket, reply } = await joinAsAttacker(url, { address: '9.9.9.9' });
  const heard: Signal[] = [];
  socket.on('signal', ({ signal }: SignalFrom) => heard.push(signal));
  const { socket: attacker } = await joinAsAttacker(url, { address: '9.9.9.9' });
  const to = 'welcome' in reply ? reply.welcome.peer : '';
  for (const address of ['127.0.0.1', '10.0.0.1', '9.9.9.9'])
    attacker.emit('signal', { to, signal: udp(address) });
  await expect.poll(() => heard).toEqual([udp('9.9.9.9')]);
});
