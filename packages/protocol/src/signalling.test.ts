import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { LIMITS } from './limits.ts';
import { PIECE_HASH_BYTES, pieceCount } from './pieces.ts';
import { DEFAULT_POLICY, Policy } from './policy.ts';
import {
  Announcement,
  Difference,
  Expulsion,
  Introduction,
  Join,
  JoinReply,
  Pollution,
  Refusal,
  Report,
  Signal,
  SignalFrom,
  SignalTo,
  Welcome,
} from './signalling.ts';
import { PROTOCOL_VERSION } from './version.ts';

const peer = 'AZaz09_-AZaz09_-';
const rendition = '0badcafe';
const offer = { type: 'offer', sdp: 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\n' };
const join = {
  version: PROTOCOL_VERSION,
  stream: 'live',
  neighbours: [peer],
  renditions: [rendition],
  uploads: true,
};
const report = {
  neighbours: [],
  renditions: [rendition],
  uploads: true,
  seeking: false,
  peerBytes: 1,
  originBytes: 2,
  uploadedBytes: 3,
  stalls: 0,
};
const announcement = {
  epoch: 1,
  rendition,
  msn: 5,
  bytes: 110_000,
  durationMs: 2000,
  hashes: new Uint8Array(pieceCount(110_000) * PIECE_HASH_BYTES),
  injectors: [{ peer, first: 0, count: 3 }],
};
const welcome = { peer, resume: 'r'.repeat(43), policy: DEFAULT_POLICY, announcements: [announcement] };

const SCHEMAS = {
  Announcement,
  Difference,
  Expulsion,
  Introduction,
  Join,
  JoinReply,
  Policy,
  Pollution,
  Refusal,
  Report,
  Signal,
  SignalFrom,
  SignalTo,
  Welcome,
} as const;
const HONEST: Readonly<Record<keyof typeof SCHEMAS, unknown>> = {
  Announcement: announcement,
  Difference: { epoch: 1, rendition, msn: 5 },
  Expulsion: { peer },
  Introduction: { peer, dial: true },
  Join: join,
  JoinReply: { welcome },
  Policy: DEFAULT_POLICY,
  Pollution: { peer, epoch: 1, rendition, msn: 5, piece: 2 },
  Refusal: { code: 'full', message: 'The swarm is full.' },
  Report: report,
  Signal: offer,
  SignalFrom: { from: peer, signal: offer },
  SignalTo: { to: peer, signal: offer },
  Welcome: welcome,
};
const names = Object.keys(SCHEMAS) as (keyof typeof SCHEMAS)[];

const takes = (name: keyof typeof SCHEMAS, input: unknown) => v.safeParse(SCHEMAS[name], input).success;
const list = (length: number, of: unknown) => Array.from({ length }, () => of);
function expectRefused(name: keyof typeof SCHEMAS, inputs: readonly unknown[]): void {
  for (const input of inputs) expect(takes(name, input), JSON.stringify(input).slice(0, 200)).toBe(false);
}

describe('validation', () => {
  it.each(names)('S2: a valid %s is accepted unchanged', (name) => {
    expect(v.parse(SCHEMAS[name], HONEST[name])).toEqual(HONEST[name]);
  });

  it.each(names)('S2: a %s with a missing field, or a field of another type, is refused', (name) => {
    const honest = HONEST[name] as Record<string, unknown>;
    for (const [field, value] of Object.entries(honest)) {
      const others: unknown[] = [null, {}, [], [[]], 'text', '', 1.5, -1, Number.NaN, true, () => 0];
      if (name === 'Refusal' && field === 'message') continue;
      for (const other of others) {
        // Some of these values are valid for some fields: an empty list, `true`, a text.
        if (typeof other === typeof value && Array.isArray(other) === Array.isArray(value) && other !== null)
          continue;
        expect(takes(name, { ...honest, [field]: other }), `${field}: ${String(other)}`).toBe(false);
      }
      if (name === 'Policy' && field === 'iceServers') continue;
      const rest = Object.fromEntries(Object.entries(honest).filter(([other]) => other !== field));
      expect(takes(name, rest), `without ${field}`).toBe(false);
    }
  });

  it.each(names)('S2: no input makes the reader of a %s throw', (name) => {
    fc.assert(
      fc.property(fc.anything({ withTypedArray: true, withNullPrototype: true }), (input) => {
        v.safeParse(SCHEMAS[name], input);
      }),
      { numRuns: 200 },
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.keys(HONEST[name] as object)),
        fc.anything({ withTypedArray: true, withBigInt: true }),
        (field, value) => {
          v.safeParse(SCHEMAS[name], { ...(HONEST[name] as object), [field]: value });
        },
      ),
      { numRuns: 200 },
    );
  });

  it.each(names)(
    'V2: unknown fields of a %s are dropped, including one that would change its prototype',
    (name) => {
      const hostile: unknown = JSON.parse(
        '{"later":1,"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
      );
      const parsed = v.parse(SCHEMAS[name], Object.assign({}, hostile, HONEST[name])) as object;
      expect(Object.keys(parsed).sort()).toEqual(Object.keys(HONEST[name] as object).sort());
      expect('polluted' in parsed).toBe(false);
      expect('polluted' in {}).toBe(false);
    },
  );
});

describe('a segment at the broadcaster’s CDN', () => {
  it('S6: has an http address of bounded length', () => {
    const at = (url: unknown) => ({ ...announcement, url });
    expect(takes('Announcement', at('https://cdn.example/1.ts?v=1'))).toBe(true);
    expectRefused(
      'Announcement',
      ['javascript:alert(1)', '/1.ts', 7, null, `https://cdn/${'x'.repeat(LIMITS.urlCharacters)}`].map(at),
    );
  });

  it('S10: a policy accepts `per-viewer` as its reason, and no other', () => {
    expect(takes('Policy', { ...DEFAULT_POLICY, mode: 'off', because: 'per-viewer' })).toBe(true);
    expectRefused('Policy', [{ ...DEFAULT_POLICY, mode: 'off', because: 'why not' }]);
  });
});

describe('join', () => {
  it('V1: states its version as an integer', () => {
    expect(takes('Join', { ...join, version: PROTOCOL_VERSION + 1 })).toBe(true);
    expectRefused('Join', [
      { ...join, version: undefined },
      { ...join, version: '1' },
      { ...join, version: 1.5 },
    ]);
  });

  it('S3: lists and names are bounded', () => {
    expect(takes('Join', { ...join, neighbours: list(LIMITS.neighbours, peer) })).toBe(true);
    expectRefused('Join', [
      { ...join, stream: '../etc' },
      { ...join, stream: 'x'.repeat(65) },
      { ...join, token: 'x'.repeat(4097) },
      { ...join, neighbours: list(LIMITS.neighbours + 1, peer) },
      { ...join, neighbours: ['short'] },
      { ...join, renditions: list(LIMITS.renditionsFollowed + 1, rendition) },
      { ...join, renditions: ['0BADCAFE'] },
      { ...join, uploads: 'yes' },
    ]);
  });

  it('S3: the answer is a welcome, or a refusal with a known code', () => {
    expect(takes('JoinReply', { refusal: { code: 'version', message: 'reload' } })).toBe(true);
    expectRefused('JoinReply', [
      {},
      { refusal: { code: 'because', message: '' } },
      { refusal: { code: 'full', message: 'x'.repeat(501) } },
      { welcome: { ...welcome, peer: 'me' } },
    ]);
  });

  it('S4: a resume secret is 43 characters of base64url', () => {
    expect(takes('Join', { ...join, resume: 'A'.repeat(43) })).toBe(true);
    expectRefused('Join', [
      { ...join, resume: 'A'.repeat(42) },
      { ...join, resume: 'A'.repeat(44) },
      { ...join, resume: `${'A'.repeat(42)}=` },
      { ...join, resume: null },
    ]);
  });

  it('S5: the announcements of a welcome and its policy are bounded', () => {
    expect(
      takes('Welcome', { ...welcome, announcements: list(LIMITS.announcementsInJoin, announcement) }),
    ).toBe(true);
    const policy = (more: object) => ({ ...welcome, policy: { ...DEFAULT_POLICY, ...more } });
    expect(takes('Welcome', policy({ maxNeighbours: LIMITS.neighbours }))).toBe(true);
    expectRefused('Welcome', [
      { ...welcome, announcements: list(LIMITS.announcementsInJoin + 1, announcement) },
      policy({ mode: 'loud' }),
      policy({ maxNeighbours: LIMITS.neighbours + 1 }),
      policy({ maxNeighbours: 2.5 }),
      policy({ uploadBudgetMb: -1 }),
      policy({ uploadLimitKbps: Number.NaN }),
      policy({ iceServers: list(9, { urls: 'stun:host' }) }),
      policy({ iceServers: [{ urls: 'x'.repeat(513) }] }),
    ]);
  });
});

describe('announcements', () => {
  it('S6: hashes are accepted as an ArrayBuffer or as bytes, and returned as bytes', () => {
    const hashes = Uint8Array.from({ length: announcement.hashes.length }, (_, i) => i);
    expect([...v.parse(Announcement, { ...announcement, hashes: hashes.buffer }).hashes]).toEqual([
      ...hashes,
    ]);
    expect([...v.parse(Announcement, { ...announcement, hashes: Buffer.from(hashes) }).hashes]).toEqual([
      ...hashes,
    ]);
  });

  it('P8: describes a part, or the parts of a segment', () => {
    const part = { bytes: 1000, durationMs: 500 };
    const hashes = new Uint8Array(2 * 32);
    const whole = { ...announcement, bytes: 2000, hashes, parts: [part, part] };
    expect(takes('Announcement', whole)).toBe(true);
    expect(takes('Announcement', { ...announcement, part: LIMITS.partsPerSegment - 1 })).toBe(true);
    expectRefused('Announcement', [
      { ...announcement, part: LIMITS.partsPerSegment },
      { ...announcement, part: -1 },
      { ...announcement, part: 0.5 },
      { ...whole, parts: [] },
      { ...whole, parts: [part] },
      { ...whole, bytes: 2001 },
      { ...whole, hashes: new Uint8Array(32) },
      { ...whole, parts: list(LIMITS.partsPerSegment + 1, part) },
    ]);
  });

  it('S6: a number of hashes other than the number of pieces is refused', () => {
    const more = (by: number) => ({
      ...announcement,
      hashes: new Uint8Array(announcement.hashes.length + by),
    });
    expectRefused('Announcement', [
      more(PIECE_HASH_BYTES),
      more(-PIECE_HASH_BYTES),
      more(1),
      { ...announcement, bytes: 1_000_000 },
      { ...announcement, hashes: [...announcement.hashes] },
      { ...announcement, hashes: { byteLength: announcement.hashes.length } },
    ]);
  });

  it('S6: sizes, numbers and injectors are bounded', () => {
    expectRefused('Announcement', [
      { ...announcement, bytes: 0, hashes: new Uint8Array() },
      { ...announcement, bytes: LIMITS.segmentBytes + 1 },
      { ...announcement, epoch: 2 ** 32 },
      { ...announcement, msn: 2 ** 48 },
      { ...announcement, msn: -1 },
      { ...announcement, durationMs: 600_001 },
      { ...announcement, injectors: list(LIMITS.injectors + 1, { peer, first: 0, count: 1 }) },
      { ...announcement, injectors: [{ peer, first: -1, count: 1 }] },
      { ...announcement, injectors: [{ peer, first: 0, count: Number.POSITIVE_INFINITY }] },
    ]);
  });
});

describe('signals', () => {
  const candidate = (more: object) => ({
    type: 'candidate',
    candidate: { candidate: 'candidate:1', ...more },
  });

  it('C4: candidates of both address families are accepted', () => {
    const six =
      'candidate:1 1 udp 2122262783 2001:db8::7 59331 typ host generation 0 ufrag OOQx network-cost 999';
    const tail =
      'typ srflx raddr fd00:1234:5678:9abc:def0:1234:5678:9abc rport 59331 generation 0 ufrag OOQx network-cost 999';
    const longest = `candidate:4294967295 1 udp 2122262783 2001:db8:1234:5678:9abc:def0:1234:5678 59331 ${tail}`;
    for (const line of [six, longest, six.replace('2001:db8::7', '192.0.2.7')])
      expect(takes('Signal', candidate({ candidate: line, sdpMid: '0' }))).toBe(true);
  });

  it('S7: descriptions and candidates of browsers are accepted', () => {
    expect(takes('Signal', { ...offer, type: 'answer' })).toBe(true);
    expect(takes('Signal', candidate({ sdpMid: '0', sdpMLineIndex: 0 }))).toBe(true);
    expect(takes('Signal', candidate({ sdpMid: null, sdpMLineIndex: null }))).toBe(true);
    expect(takes('Signal', candidate({}))).toBe(true);
  });

  it('S7: everything else is refused', () => {
    expectRefused('Signal', [
      { type: 'offer', sdp: `v=0${'x'.repeat(LIMITS.signalBytes)}` },
      { type: 'offer', sdp: 'a=candidate' },
      { type: 'offer', sdp: '' },
      { type: 'rollback', sdp: 'v=0' },
      { type: 'renegotiate', renegotiate: true },
      { type: 'candidate', candidate: 'candidate:1' },
      candidate({ candidate: 'x'.repeat(1025) }),
      candidate({ sdpMid: 'x'.repeat(65) }),
      candidate({ sdpMLineIndex: 17 }),
      candidate({ sdpMLineIndex: -1 }),
    ]);
    expectRefused('SignalTo', [{ to: 'everyone', signal: offer }]);
  });
});

describe('reports', () => {
  it('C5: links by kind and the time to connect are bounded', () => {
    const links = { direct: 3, reflexive: LIMITS.neighbours, relayed: 0, unknown: 1 };
    expect(takes('Report', { ...report, links, dialled: { links: 4, ms: 1800 } })).toBe(true);
    expectRefused('Report', [
      { ...report, links: { direct: 3 } },
      { ...report, links: { ...links, direct: LIMITS.neighbours + 1 } },
      { ...report, links: { ...links, relayed: -1 } },
      { ...report, links: { ...links, relayed: 0.5 } },
      { ...report, dialled: { links: 1 } },
      { ...report, dialled: { links: 1, ms: -1 } },
      { ...report, dialled: { links: '1', ms: 1 } },
    ]);
  });

  it('S8: counters are finite integers that are not negative', () => {
    for (const value of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, '7', 7n])
      expect(takes('Report', { ...report, peerBytes: value }), String(value)).toBe(false);
    expectRefused('Report', [{ ...report, neighbours: list(LIMITS.neighbours + 1, peer) }]);
  });

  it('S8: the uplink and the late injections are optional and bounded', () => {
    expect(takes('Report', { ...report, uplinkKbps: LIMITS.uplinkKbps, lateInjections: 3 })).toBe(true);
    expectRefused('Report', [
      { ...report, uplinkKbps: LIMITS.uplinkKbps + 1 },
      ...[-1, 1.5, Number.NaN, '7', null].flatMap((value) => [
        { ...report, uplinkKbps: value },
        { ...report, lateInjections: value },
      ]),
    ]);
  });

  it('S9: pollution names a peer and a piece', () => {
    const pollution = HONEST.Pollution as object;
    expectRefused('Pollution', [
      { ...pollution, peer: '*' },
      { ...pollution, piece: -1 },
      { ...pollution, msn: '5' },
      { ...pollution, rendition: `${rendition}0` },
    ]);
  });
});
