import type { Signal } from '@freshet/protocol';
import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { Way } from './candidate.ts';
import { placeOf } from './place.ts';
import { screenSignal } from './screen-signal.ts';
import { RECORDED } from '../testing/recorded-signals.ts';

const place = (address: string) => placeOf(address, address.replace(/\.\d+$/, ''));
const HERE: Way = { from: place('127.0.0.1'), to: place('127.0.0.1'), paths: 'any' };
const APART: Way = { from: place('9.9.9.9'), to: place('8.8.8.8'), paths: 'any' };
const HOME: Way = { from: place('9.9.9.9'), to: place('9.9.9.8'), paths: 'any' };
const all = () => true;

const line = (address: string, { port = 50_000, type = 'host', more = '' } = {}) =>
  `candidate:1 1 udp 2113937151 ${address} ${port} typ ${type}${more}`;
const trickled = (text: string): Signal => ({
  type: 'candidate',
  candidate: { candidate: text, sdpMid: '0' },
});
const screen = (text: string, way = APART) => {
  const screened = screenSignal(trickled(text), way, all);
  if (typeof screened === 'string') return screened;
  return screened.type === 'candidate' ? screened.candidate.candidate : undefined;
};
const described = (lines: readonly string[], way = APART) =>
  screenSignal({ type: 'offer', sdp: lines.join('\r\n') }, way, all);
const [, offer] = RECORDED['chromium']?.[0] ?? [];
const LINES = offer?.type === 'offer' ? offer.sdp.split('\r\n') : [];

describe('real signals pass', () => {
  test.each(Object.keys(RECORDED))('%s', (browser) => {
    for (const [, signal] of RECORDED[browser] ?? []) {
      const screened = screenSignal(signal, HERE, all);
      if (signal.type === 'candidate') {
        const isTcp = signal.candidate.candidate.includes(' TCP ');
        if (isTcp) expect(screened).toBe('unusable');
        else expect(screened).toMatchObject({ type: 'candidate', candidate: { sdpMid: '0' } });
        continue;
      }
      // All lines are there, though some state no address any more.
      const left = (sdp: string) => sdp.split('\r\n').filter((each) => !each.includes(' TCP '));
      const sdp = typeof screened === 'object' && 'sdp' in screened ? screened.sdp : '';
      expect(left(sdp).map((each) => each.slice(0, 9))).toEqual(
        left(signal.sdp).map((each) => each.slice(0, 9)),
      );
    }
  });

  it('passes a trickled candidate with what browsers use, in one form', () => {
    expect(
      screen(
        'candidate:842163049 1 UDP 1677729535 9.9.9.9 40000 typ srflx raddr 10.0.0.7 rport 5 generation 0 ufrag abcd network-id 1 network-cost 50',
      ),
    ).toBe(
      'candidate:842163049 1 udp 1677729535 9.9.9.9 40000 typ srflx raddr 0.0.0.0 rport 0 generation 0 ufrag abcd network-id 1 network-cost 50',
    );
    expect(screen(line('2001:4860::1', { type: 'srflx', more: ' raddr fd00::7 rport 5' }))).toContain(
      'raddr :: rport 0',
    );
    expect(screen('')).toBe('');
  });
});

describe('candidates that lead elsewhere do not', () => {
  it.each([
    '169.254.169.254',
    '0.0.0.0',
    '224.0.0.251',
    '255.255.255.255',
    'fe80::1',
    '::ffff:10.0.0.1',
    '64:ff9b::a00:1',
    '2002:a00:1::1',
    'printer.local',
    'intranet.example',
    '2130706433',
    '10.1',
  ])('never %s', (address) => {
    for (const way of [HERE, HOME, APART])
      expect(['invalid', 'unusable']).toContain(screen(line(address), way));
  });

  it('loopback only between two viewers on the server’s machine', () => {
    expect(screen(line('127.0.0.1'), HERE)).toContain('127.0.0.1');
    expect(screen(line('::1'), HOME)).toBe('unusable');
    expect(screen(line('127.0.0.1'), { ...HERE, to: place('192.168.1.4') })).toBe('unusable');
  });

  it('local addresses only within one network, and one’s own', () => {
    for (const address of ['10.0.0.1', '192.168.1.1', '100.64.0.9', 'fd00::1', '192.0.2.1']) {
      expect(screen(line(address), APART)).toBe('unusable');
      expect(screen(line(address), { ...APART, from: undefined, to: undefined })).toBe('unusable');
      expect(screen(line(address), HOME)).toContain(address);
    }
    const branch = { from: place('10.1.1.7'), to: place('9.9.9.9'), paths: 'any' } as const;
    expect(screen(line('10.1.1.7'), branch)).toContain('10.1.1.7');
    expect(screen(line('10.1.1.8'), branch)).toBe('unusable');
    // The server is in the office: both have addresses of its private network, in two floors.
    expect(screen(line('10.1.1.8'), { ...branch, to: place('10.2.2.9') })).toContain('10.1.1.8');
  });

  it('no TCP, no second component, no port of a service', () => {
    expect(screen('candidate:1 1 TCP 2105458943 9.9.9.9 9 typ host tcptype active')).toBe('unusable');
    expect(screen('candidate:1 1 tcp 2105458943 9.9.9.9 445 typ host tcptype passive')).toBe('unusable');
    expect(screen('candidate:1 2 udp 2105458943 9.9.9.9 5000 typ host')).toBe('unusable');
    expect(screen(line('9.9.9.9', { port: 53 }))).toBe('unusable');
    expect(screen(line('9.9.9.9', { port: 443 }))).toBe('unusable');
    expect(screen(line('9.9.9.9', { port: 443, type: 'relay' }))).toContain(' 443 ');
    expect(screen(line('9.9.9.9', { port: 53, type: 'relay' }))).toBe('unusable');
  });

  it('in relay-only, nothing but relayed; within one network, nothing but hosts', () => {
    const relayed = { ...APART, paths: 'relayed' } as const;
    for (const type of ['host', 'srflx']) expect(screen(line('9.9.9.9', { type }), relayed)).toBe('unusable');
    expect(screen(line('7.7.7.7', { type: 'relay' }), relayed)).toContain('typ relay');
    const office = { ...HOME, paths: 'same-network' } as const;
    for (const type of ['srflx', 'relay']) expect(screen(line('9.9.9.9', { type }), office)).toBe('unusable');
    expect(screen(line('7.7.7.7'), office)).toBe('unusable');
    expect(screen(line('9.9.9.9'), office)).toContain('9.9.9.9');
    expect(screen(line('20f5342c-fc17-4007-8ccb-e58cbf9112a4.local'), office)).toContain('.local');
  });

  it.each([
    'candidate:1',
    'candidate:1 1 udp 1 9.9.9.9 50000 host',
    'candidate:1 1 udp 1 9.9.9.9 99999 typ host',
    'candidate:1 1 udp 1 9.9.9.9 50000 typ host generation',
    'candidate:1 1 udp 1 9.9.9.9 50000 typ host ufrag a\r\na=candidate:2',
    'candidate:1 1 udp 1 9.9.9.9 50000 typ host generation x',
    'candidate:1 1 udp 1 20f5342c-fc17-4007-8ccb-e58cbf9112a4.local 50000 typ srflx',
    'a=candidate:1 1 udp 1 9.9.9.9 50000 typ host',
    line('9.9.9.9', { more: ' generation 0'.repeat(60) }),
  ])('%j is no candidate', (text) => {
    expect(screen(text)).toBe('invalid');
  });
});

describe('descriptions', () => {
  it('C4: counts candidates within a description, and leaves out those that are of no use', () => {
    const lines = [...LINES.slice(0, 9), `a=${line('10.0.0.1')}`, `a=${line('9.9.9.9')}`, ...LINES.slice(9)];
    const screened = described(lines);
    expect(screened).toMatchObject({ type: 'offer' });
    expect(JSON.stringify(screened)).not.toContain('10.0.0.1');
    expect(JSON.stringify(screened)).toContain('9.9.9.9');
    const none = screenSignal({ type: 'offer', sdp: lines.join('\r\n') }, APART, () => false);
    expect(JSON.stringify(none)).not.toContain('9.9.9.9');
    expect(JSON.stringify(described([...lines, `a=${line('169.254.169.254')}`]))).not.toContain('169.254');
  });

  it('C6: states no address elsewhere', () => {
    const lines = LINES.map((each) =>
      each.replace('m=application 9', 'm=application 53').replace(/IN IP4 .*/, 'IN IP4 10.9.8.7'),
    );
    expect(described(lines)).toEqual(offer);
  });

  it('leaves out attributes that no data channel needs', () => {
    expect(
      described([
        ...LINES.slice(0, -1),
        'a=rtcp:9 IN IP4 10.0.0.1',
        'a=new-in-2027',
        'a=new\rm=audio 9 x 1',
        'a=identity:eA==',
        '',
      ]),
    ).toEqual(offer);
  });

  it.each([
    ['audio beside the data', [...LINES.slice(0, -1), 'm=audio 9 UDP/TLS/RTP/SAVPF 111']],
    ['two data sections', [...LINES.slice(0, -1), ...LINES.slice(6)]],
    ['video alone', LINES.map((each) => each.replace('m=application', 'm=video'))],
    ['no section', LINES.slice(0, 6)],
    ['no fingerprint', LINES.filter((each) => !each.startsWith('a=fingerprint'))],
    ['no password', LINES.filter((each) => !each.startsWith('a=ice-pwd'))],
    ['nothing but the first line', ['v=0', 'x'.repeat(1000)]],
    ['a host name', LINES.map((each) => each.replace('IN IP4 0.0.0.0', 'IN IP4 intranet.example'))],
    ['a key', [...LINES.slice(0, -1), 'k=clear:x']],
    ['a long line', [...LINES.slice(0, -1), `a=ice-options:${'x '.repeat(300)}`]],
    ['many lines', [...LINES.slice(0, -1), ...Array.from({ length: 80 }, () => 'a=sendrecv')]],
    ['a short digest', LINES.map((each) => each.replace(/(a=fingerprint:sha-256 .{59}).*/, '$1'))],
    ['an answer’s role', LINES.map((each) => each.replace('actpass', 'active'))],
    ['a group of another section', LINES.map((each) => each.replace('BUNDLE 0', 'BUNDLE 1'))],
    ['two names', [...LINES.slice(0, -1), 'a=mid:0']],
    ['another order', [LINES[0] ?? '', LINES[2] ?? '', LINES[1] ?? '', ...LINES.slice(3)]],
    ['a candidate of no section', [...LINES.slice(0, 4), `a=${line('9.9.9.9')}`, ...LINES.slice(4)]],
    ['a bare return', [...LINES.slice(0, -1), 'a=mid:0\rm=audio 9 x 1']],
  ])('%s is refused', (_what, lines) => {
    expect(described(lines)).toBe('invalid');
  });
});

it('never throws, and what it passes passes again unchanged', () => {
  const piece = fc.oneof(
    fc.constantFrom(...LINES, `a=${line('9.9.9.9')}`, 'a=', 'a=:', 'm=', 'a=candidate:', 'a=__proto__:1'),
    fc.string(),
  );
  const sdp = fc.array(piece, { maxLength: 30 }).map((lines) => ['v=0', ...lines].join('\r\n'));
  const words = fc.oneof(
    fc.constantFrom('candidate:1', '1', 'udp', '9.9.9.9', '50000', 'typ', 'host'),
    fc.string(),
  );
  const text = fc.array(words, { maxLength: 14 }).map((parts) => parts.join(' '));
  const mid = fc.option(fc.string());
  const signal: fc.Arbitrary<Signal> = fc.oneof(
    sdp.map((written) => ({ type: 'offer' as const, sdp: written })),
    fc
      .tuple(text, mid)
      .map(([candidate, sdpMid]) => ({ type: 'candidate' as const, candidate: { candidate, sdpMid } })),
  );
  fc.assert(
    fc.property(signal, (one) => {
      const screened = screenSignal(one, HOME, all);
      if (typeof screened !== 'string') expect(screenSignal(screened, HOME, all)).toEqual(screened);
    }),
    { numRuns: 2000 },
  );
});

it('takes linear time: hostile text of the greatest length costs no more than a few milliseconds', () => {
  const fills = [
    'a',
    ' ',
    '/',
    ':',
    'a:',
    'AA:',
    '\r',
    '\n',
    '\r\n',
    'a=\r\n',
    '0',
    '1.',
    '::',
    '-',
    'a=candidate:1 ',
  ];
  for (const fill of fills) {
    const long = fill.repeat(16_000 / fill.length);
    const begun = performance.now();
    for (const before of ['v=0\r\n', 'v=0\r\no=', 'v=0\r\na=fingerprint:sha-256 ', 'v=0\r\na=candidate:']) {
      screenSignal({ type: 'offer', sdp: before + long }, APART, all);
      screenSignal(trickled(`candidate:${long}`), APART, all);
    }
    expect(performance.now() - begun, JSON.stringify(fill)).toBeLessThan(100);
  }
});
