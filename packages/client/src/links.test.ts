import { DEFAULT_POLICY, decodeFrame, type Signal } from '@freshet/protocol';
import { expect, test, vi } from 'vitest';
import { Links } from './links.ts';
import type { PeerLink, PeerLinkHandlers, PeerLinkOptions } from './peer-link.ts';

const PEER = 'a'.repeat(16);
const offer: Signal = { type: 'offer', sdp: 'v=0' };
const candidate: Signal = { type: 'candidate', candidate: { candidate: 'c' } };

interface Made {
  readonly options: PeerLinkOptions;
  readonly handlers: PeerLinkHandlers;
  readonly signals: Signal[];
  readonly control: Uint8Array[];
  closed: boolean;
}

function links(maxConnections?: number) {
  const made: Made[] = [];
  const open = (options: PeerLinkOptions, handlers: PeerLinkHandlers): PeerLink => {
    const link: Made = { options, handlers, signals: [], control: [], closed: false };
    made.push(link);
    return {
      signal: (signal) => link.signals.push(signal),
      sendControl: (frame) => link.control.push(frame),
      sendPiece: vi.fn(),
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
    onClosed: vi.fn(),
    onUsedUp: vi.fn(),
  };
  return { subject: new Links(open, told, () => undefined, maxConnections), made, told };
}

test('signals that overtake the introduction are kept for the link, in order', () => {
  const { subject, made } = links();
  subject.signal(PEER, offer);
  subject.signal(PEER, candidate);
  subject.dial(PEER, false, DEFAULT_POLICY);
  subject.signal(PEER, candidate);
  expect(made[0]?.signals).toEqual([offer, candidate, candidate]);
});

test('a second offer before the dial replaces what was left of the first', () => {
  const { subject, made } = links();
  for (const signal of [offer, candidate, offer]) subject.signal(PEER, signal);
  subject.dial(PEER, false, DEFAULT_POLICY);
  expect(made[0]?.signals).toEqual([offer]);
});

test('signals of strangers are kept within bounds', () => {
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

test('the policy decides over servers and direct connections', () => {
  const { subject, made } = links();
  const iceServers = [{ urls: 'turn:t:3478', username: 'u', credential: 'c' }];
  subject.dial(PEER, true, { ...DEFAULT_POLICY, mode: 'relay-only', iceServers });
  expect(made[0]?.options).toEqual({ initiator: true, relayOnly: true, iceServers });
});

test('hanging up is answered by one close, also without a link', () => {
  const { subject, made, told } = links();
  subject.dial(PEER, true, DEFAULT_POLICY);
  subject.hangUp(PEER, 'expelled');
  made[0]?.handlers.onClosed('late');
  expect(made[0]?.closed).toBe(true);
  expect(told.onClosed).toHaveBeenCalledTimes(1);
  subject.hangUp(PEER, 'expelled');
  expect(told.onClosed).toHaveBeenCalledTimes(2);
});

test('the close of a link that was replaced is nobody’s business', () => {
  const { subject, made, told } = links();
  subject.dial(PEER, true, DEFAULT_POLICY);
  subject.dial(PEER, true, DEFAULT_POLICY);
  expect(made[0]?.closed).toBe(true);
  made[0]?.handlers.onClosed('old');
  expect(told.onClosed).not.toHaveBeenCalled();
  subject.send(PEER, { type: 'bye' });
  expect(decodeFrame(made[1]?.control[0] ?? new Uint8Array()).ok).toBe(true);
});

test('past the bound of connections a dial is answered by a close, and that is said once', () => {
  const { subject, made, told } = links(0);
  subject.dial(PEER, true, DEFAULT_POLICY);
  subject.dial('b'.repeat(16), true, DEFAULT_POLICY);
  expect(made).toEqual([]);
  expect(told.onClosed).toHaveBeenCalledTimes(2);
  expect(told.onUsedUp).toHaveBeenCalledOnce();
});
