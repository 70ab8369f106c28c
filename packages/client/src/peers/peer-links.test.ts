import { DEFAULT_POLICY, decodeFrame, type Signal } from '@freshet/protocol';
import { expect, test, vi } from 'vitest';
import type { LinkKind } from '../api.ts';
import type { PeerLink, PeerLinkHandlers, PeerLinkOptions } from './peer-link.ts';
import { PeerLinks } from './peer-links.ts';

const PEER = 'a'.repeat(16);
const offer: Signal = { type: 'offer', sdp: 'v=0' };
const TAG = { segment: { epoch: 1, rendition: '0a0b0c0d', msn: 5 }, piece: 3, bytes: 65_536 };
const candidate: Signal = { type: 'candidate', candidate: { candidate: 'c' } };

interface Made {
  readonly options: PeerLinkOptions;
  readonly handlers: PeerLinkHandlers;
  readonly signals: Signal[];
  readonly control: Uint8Array[];
  readonly bulk: Uint8Array[];
  isReady: boolean;
  kind: LinkKind | undefined;
  closed: boolean;
}

function links(maxConnections?: number, Links = PeerLinks) {
  const made: Made[] = [];
  const open = (options: PeerLinkOptions, handlers: PeerLinkHandlers): PeerLink => {
    const link: Made = {
      options,
      handlers,
      signals: [],
      control: [],
      bulk: [],
      isReady: true,
      kind: undefined,
      closed: false,
    };
    made.push(link);
    return {
      get kind() {
        return link.kind;
      },
      signal: (signal) => link.signals.push(signal),
      sendControl: (frame) => link.control.push(frame),
      get isReady() {
        return link.isReady && !link.closed;
      },
      sendBulk: (frame) => link.bulk.push(frame),
      close: () => {
        link.closed = true;
      },
    };
  };
  const told = {
    onOpen: vi.fn(),
    onMessage: vi.fn(),
    onSignal: vi.fn(),
    onPieceSent: vi.fn(),
    onPieceBrokenOff: vi.fn(),
    onReplaced: vi.fn(),
    onClosed: vi.fn(),
    onUsedUp: vi.fn(),
  };
  return { subject: new Links(open, told, () => undefined, maxConnections), made, told };
}

test('keeps signals that overtake the introduction for the link, in order', () => {
  const { subject, made } = links();
  subject.signal(PEER, offer);
  subject.signal(PEER, candidate);
  subject.dial(PEER, false, DEFAULT_POLICY);
  subject.signal(PEER, candidate);
  expect(made[0]?.signals).toEqual([offer, candidate, candidate]);
});

test('a second offer before the dial replaces the signals of the first attempt', () => {
  const { subject, made } = links();
  for (const signal of [offer, candidate, offer]) subject.signal(PEER, signal);
  subject.dial(PEER, false, DEFAULT_POLICY);
  expect(made[0]?.signals).toEqual([offer]);
});

test('keeps a bounded number of signals from unknown peers', () => {
  const { subject, made } = links();
  for (let i = 0; i < 100; i++) subject.signal(PEER, candidate);
  subject.dial(PEER, false, DEFAULT_POLICY);
  expect(made[0]?.signals).toHaveLength(32);
  for (let i = 0; i < 17; i++) subject.signal(`peer${i}`, candidate);
  subject.dial('peer0', false, DEFAULT_POLICY);
  subject.dial('peer1', false, DEFAULT_POLICY);
  expect(made[1]?.signals).toHaveLength(0);
  expect(made[2]?.signals).toHaveLength(1);
});

test('takes ICE servers and the choice of direct connections from the policy', () => {
  const { subject, made } = links();
  const iceServers = [{ urls: 'turn:t:3478', username: 'u', credential: 'c' }];
  subject.dial(PEER, true, { ...DEFAULT_POLICY, mode: 'relay-only', iceServers });
  expect(made[0]?.options).toEqual({ initiator: true, relayOnly: true, relayAtOnce: false, iceServers });
});

test('counts open links by kind', () => {
  const { subject, made } = links();
  for (const peer of ['a', 'b', 'c', 'd']) subject.dial(peer, true, DEFAULT_POLICY);
  for (const [index, kind] of (['direct', 'unknown', 'direct'] as const).entries())
    Object.assign(made[index] ?? {}, { kind });
  expect(subject.kinds).toEqual({ direct: 2, reflexive: 0, relayed: 0, unknown: 1 });
  subject.hangUp('a', 'idle');
  expect(subject.kinds).toMatchObject({ direct: 1 });
});

test('C1: a viewer with only relayed links requests relays at once', () => {
  const { subject, made } = links();
  const dial = (peer: string, kind?: LinkKind) => {
    subject.dial(peer, true, DEFAULT_POLICY);
    const link = made.at(-1);
    Object.assign(link ?? {}, { kind });
    return link?.options.relayAtOnce;
  };
  expect([
    dial('a', 'unknown'),
    dial('b', 'relayed'),
    dial('c', 'relayed'),
    dial('d', 'reflexive'),
    dial('e'),
  ]).toEqual([false, false, true, true, false]);
});

test('measures the time from dialling to an open link for links that this viewer dialled', () => {
  vi.useFakeTimers();
  const { subject, made } = links();
  for (const [peer, initiator] of [
    ['a', true],
    ['b', false],
    ['c', true],
  ] as const)
    subject.dial(peer, initiator, DEFAULT_POLICY);
  vi.advanceTimersByTime(200);
  made[0]?.handlers.onOpen();
  vi.advanceTimersByTime(300);
  for (const link of made.slice(1)) link.handlers.onOpen();
  expect(subject.dialled).toEqual({ links: 2, ms: 700 });
  expect(subject.connectMs).toBe(350);
  vi.useRealTimers();
});

test('hanging up is answered by one `onClosed`, even without a link', () => {
  const { subject, made, told } = links();
  subject.dial(PEER, true, DEFAULT_POLICY);
  subject.hangUp(PEER, 'expelled');
  made[0]?.handlers.onClosed('late');
  expect(made[0]?.closed).toBe(true);
  expect(told.onClosed).toHaveBeenCalledTimes(1);
  subject.hangUp(PEER, 'expelled');
  expect(told.onClosed).toHaveBeenCalledTimes(2);
});

test('does not report the close of a replaced link', () => {
  const { subject, made, told } = links();
  subject.dial(PEER, true, DEFAULT_POLICY);
  subject.dial(PEER, true, DEFAULT_POLICY);
  expect(made[0]?.closed).toBe(true);
  made[0]?.handlers.onClosed('old');
  expect(told.onClosed).not.toHaveBeenCalled();
  expect(told.onReplaced).toHaveBeenCalledExactlyOnceWith(PEER);
  subject.send(PEER, { type: 'bye' });
  expect(decodeFrame(made[1]?.control[0] ?? new Uint8Array()).ok).toBe(true);
});

test('answers dials past the connection limit with `onClosed`, and reports the limit once', () => {
  const { subject, made, told } = links(0);
  subject.dial(PEER, true, DEFAULT_POLICY);
  subject.dial('b'.repeat(16), true, DEFAULT_POLICY);
  expect(made).toEqual([]);
  expect(told.onClosed).toHaveBeenCalledTimes(2);
  expect(told.onUsedUp).toHaveBeenCalledOnce();
});

test('B1: callers that never open a connection leave this viewer enough to dial with', async () => {
  // The count is the page's: a new page.
  vi.resetModules();
  const page = await import('./peer-links.ts');
  const { subject, made, told } = links(200, page.PeerLinks);
  const name = (i: number) => String(i).padStart(16, 'x');
  const callAndFail = (i: number) => {
    subject.dial(name(i), false, DEFAULT_POLICY);
    subject.signal(name(i), offer);
    made[i]?.handlers.onClosed('no connection in time');
  };
  for (let i = 0; i < 1000; i++) callAndFail(i);
  expect(made).toHaveLength(100);
  expect(told.onUsedUp).not.toHaveBeenCalled();
  for (let i = 1000; i < 1100; i++) subject.dial(name(i), true, DEFAULT_POLICY);
  expect(made).toHaveLength(200);
  subject.dial(PEER, true, DEFAULT_POLICY);
  expect(told.onUsedUp).toHaveBeenCalledOnce();
});

test('B1: peers that were to call and do not cost nothing', async () => {
  vi.resetModules();
  const page = await import('./peer-links.ts');
  const { subject, made } = links(10, page.PeerLinks);
  for (let i = 0; i < 100; i++) {
    subject.dial(PEER, false, DEFAULT_POLICY);
    subject.hangUp(PEER, 'unanswered');
  }
  subject.dial(PEER, true, DEFAULT_POLICY);
  expect(made).toHaveLength(101);
});

test('a piece leaves at the pace, and incoming messages continue it without a timer', () => {
  let now = 1000;
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now);
  // A hidden page's timers do not fire for a second.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    const { subject, made, told } = links();
    subject.dial(PEER, true, DEFAULT_POLICY);
    subject.pacer.bytesPerMs = 1000;
    subject.sendPiece(PEER, TAG, new Uint8Array(TAG.bytes), 0);
    expect(made[0]?.bulk).toHaveLength(1);
    for (; now < 1100; now += 5) made[0]?.handlers.onMessage(Uint8Array.of(5));
    expect(told.onMessage).toHaveBeenCalledTimes(20);
    expect(told.onPieceSent).toHaveBeenCalledExactlyOnceWith(PEER, TAG);
  } finally {
    vi.useRealTimers();
    clock.mockRestore();
  }
});

test('tries a full link again when it is drained', () => {
  const { subject, made } = links();
  subject.dial(PEER, true, DEFAULT_POLICY);
  const [link] = made;
  if (link !== undefined) link.isReady = false;
  subject.sendPiece(PEER, TAG, new Uint8Array(TAG.bytes), 0);
  expect(link?.bulk).toEqual([]);
  if (link !== undefined) link.isReady = true;
  link?.handlers.onDrained();
  expect(link?.bulk).toHaveLength(1);
  subject.close();
});

test('drops a piece for a link that does not exist', () => {
  const { subject, made } = links();
  subject.sendPiece(PEER, TAG, new Uint8Array(TAG.bytes), 0);
  subject.dial(PEER, true, DEFAULT_POLICY);
  made[0]?.handlers.onDrained();
  expect(made[0]?.bulk).toEqual([]);
});

test.each<[string, (subject: PeerLinks, made: readonly Made[]) => void]>([
  [
    'hung up',
    (subject) => {
      subject.hangUp(PEER, 'idle');
    },
  ],
  [
    'closed by the other side',
    (_subject, made) => {
      made[0]?.handlers.onClosed('gone');
    },
  ],
  [
    'replaced',
    (subject) => {
      subject.dial(PEER, false, DEFAULT_POLICY);
    },
  ],
])('a piece that waits for a link that is %s leaves over no other link', (_how, end) => {
  const { subject, made, told } = links();
  subject.dial(PEER, true, DEFAULT_POLICY);
  subject.sendPiece(PEER, TAG, new Uint8Array(TAG.bytes), 0);
  expect(made[0]?.bulk).toHaveLength(1);
  end(subject, made);
  expect(told.onPieceBrokenOff).toHaveBeenCalledOnce();
  if (made[1] === undefined) subject.dial(PEER, true, DEFAULT_POLICY);
  made[1]?.handlers.onDrained();
  expect([made[0]?.bulk.length, made[1]?.bulk.length]).toEqual([1, 0]);
  expect(told.onPieceSent).not.toHaveBeenCalled();
});
