import {
  type ControlFrame,
  DEFAULT_POLICY,
  pieceCount,
  PieceSet,
  type SegmentId,
  segmentKey,
} from '@freshet/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import type { PeerCommand } from './api/peer-command.ts';
import { PeerCore } from './peer-core.ts';
import type { PeerEvent, SegmentNotice } from './api/peer-event.ts';

const rendition = '0123abcd';
const BYTES = 110_000;
const COUNT = pieceCount(BYTES);
const at = (msn: number): SegmentId => ({ epoch: 7, rendition, msn });
const notice = (msn: number, injectors: SegmentNotice['injectors'] = []): SegmentNotice => ({
  segment: at(msn),
  bytes: BYTES,
  durationMs: 2000,
  injectors,
});
const pieces = (...of: number[]) => PieceSet.of(COUNT, of);
const all = PieceSet.full(COUNT);

let core: PeerCore;
let now: number;

function tell(event: PeerEvent): readonly PeerCommand[] {
  return core.handle(event, now);
}
function hear(peer: string, frame: ControlFrame): readonly PeerCommand[] {
  return tell({ type: 'frame', peer, frame });
}
function link(...peers: string[]): void {
  tell({ type: 'playing' });
  for (const peer of peers) {
    tell({ type: 'introduced', peer, dial: true });
    tell({ type: 'link-open', peer });
  }
}
function want(msn: number, inMs: number): readonly PeerCommand[] {
  return tell({ type: 'want', want: msn, segment: at(msn), durationMs: 2000, deadline: now + inMs });
}
/** Lets time pass, with a tick whenever the core asks for one. */
function passUntil(end: number): readonly PeerCommand[] {
  const commands: PeerCommand[] = [];
  while (core.wakeAt !== undefined && core.wakeAt <= end) {
    now = Math.max(now + 1, core.wakeAt);
    commands.push(...tell({ type: 'tick' }));
  }
  now = end;
  return commands;
}
function only<T extends PeerCommand['type']>(commands: readonly PeerCommand[], type: T) {
  return commands.filter((command): command is Extract<PeerCommand, { type: T }> => command.type === type);
}
function requests(commands: readonly PeerCommand[]) {
  return only(commands, 'send').flatMap(({ peer, frame }) =>
    frame.type === 'request' ? [{ peer, frame }] : [],
  );
}
function frames<T extends ControlFrame['type']>(commands: readonly PeerCommand[], type: T) {
  return only(commands, 'send')
    .map(({ frame }) => frame)
    .filter((frame): frame is Extract<ControlFrame, { type: T }> => frame.type === type);
}

beforeEach(() => {
  now = 10_000;
  core = new PeerCore({ storeBytes: 64 * 2 ** 20, uploads: true }, now);
  tell({ type: 'following', renditions: [rendition] });
});

describe('neighbours that say again and again that they are fetching', () => {
  it('B4: believes each neighbour once that it is fetching a piece, and nobody past the deadline', () => {
    // The first byte from the origin takes 1.4 s.
    want(1, 0);
    tell({ type: 'origin-ended', fetch: 1, outcome: 'ok', bytes: BYTES, ttfbMs: 1400, elapsedMs: 1500 });
    const peers = ['ann', 'bob'];
    link(...peers);
    passUntil(now + 2000);
    tell({ type: 'announced', notice: notice(5) });
    const deadline = now + 8000;
    const refuse = (commands: readonly PeerCommand[]) => {
      for (const { peer, frame } of requests(commands))
        hear(peer, { type: 'reject', segment: at(5), pieces: frame.pieces, reason: 'absent', backlogMs: 0 });
      return only(commands, 'fetch').length;
    };
    let fetched = refuse(want(5, 8000));
    while (fetched === 0 && now < deadline + 10_000) {
      for (const peer of peers)
        fetched += refuse(hear(peer, { type: 'fetching', segment: at(5), pieces: all }));
      fetched += refuse(passUntil(now + 250));
    }
    expect(fetched).toBeGreaterThan(0);
    expect(deadline - now).toBeGreaterThan(1500);
  });
});

describe('a neighbour that requests the same piece again and again', () => {
  it('B7: gets it three times, and is dropped in the end', () => {
    link('mal');
    tell({ type: 'announced', notice: notice(5) });
    want(5, 4000);
    const fetched = only(passUntil(now + 4000), 'fetch').map(({ fetch }) => fetch);
    for (const fetch of fetched) for (const piece of all) tell({ type: 'origin-piece', fetch, piece });
    const again: PeerCommand[] = [];
    for (let i = 0; i < 30; i++) {
      const frame = { type: 'request', segment: at(5), pieces: pieces(2), withinMs: 4000 } as const;
      const commands = [...hear('mal', frame), ...passUntil(now + 1000)];
      for (const { segment, piece } of only(commands, 'send-piece'))
        again.push(...tell({ type: 'piece-sent', peer: 'mal', segment, piece }));
      again.push(...commands);
    }
    expect(only(again, 'send-piece')).toHaveLength(3);
    expect(frames(again, 'reject').map(({ reason }) => reason)).toEqual(new Array(14).fill('absent'));
    expect(only(again, 'hang-up')).toEqual([{ type: 'hang-up', peer: 'mal', why: 'misbehaviour' }]);
  });
});

describe('startup', () => {
  it('fetches the first segment whole from the origin at once, before it is announced', () => {
    expect(only(want(1, 0), 'fetch')).toEqual([{ type: 'fetch', fetch: 1, segment: at(1) }]);
  });

  it('delivers it unverified when it has arrived, and only once', () => {
    want(1, 0);
    const ended = {
      type: 'origin-ended',
      fetch: 1,
      outcome: 'ok',
      bytes: BYTES,
      ttfbMs: 5,
      elapsedMs: 20,
    } as const;
    expect(only(tell(ended), 'deliver')).toEqual([
      { type: 'deliver', want: 1, segment: segmentKey(at(1)), fetch: 1 },
    ]);
    expect(tell(ended)).toEqual([]);
  });

  it('waits for the swarm with the second segment while there is time, then fetches it from the origin', () => {
    expect(only(want(2, 4000), 'fetch')).toEqual([]);
    const wakes = passUntil(now + 3900);
    expect(only(wakes, 'fetch')).toHaveLength(1);
  });

  it('fetches from the origin at once when there are no other viewers', () => {
    tell({ type: 'joined', self: 'me' });
    tell({ type: 'announced', notice: notice(3) });
    now += 1000;
    expect(only(want(3, 6000), 'fetch')).toEqual([
      { type: 'fetch', fetch: 1, segment: at(3), span: { first: 0, last: COUNT - 1 } },
    ]);
  });

  it('waits for the announcements of new neighbours before it uses the origin', () => {
    tell({ type: 'joined', self: 'me' });
    tell({ type: 'announced', notice: notice(4) });
    now += 400;
    want(4, 6000);
    tell({ type: 'playing' });
    tell({ type: 'introduced', peer: 'ann', dial: true });
    now += 2000;
    expect(only(tell({ type: 'link-open', peer: 'ann' }), 'fetch')).toEqual([]);
    expect(only(passUntil(now + 100), 'fetch')).toEqual([]);
    const commands = hear('ann', { type: 'have', segment: at(4), pieces: all, backlogMs: 0 });
    expect([requests(commands).length, only(commands, 'fetch').length]).toEqual([1, 0]);
  });
});

describe('downloading from neighbours', () => {
  beforeEach(() => {
    tell({ type: 'joined', self: 'me' });
    link('ann', 'bob', 'cy');
    tell({ type: 'announced', notice: notice(5) });
  });

  it('requests each piece from one neighbour that has it, and more pieces from those with less backlog', () => {
    for (const [peer, backlogMs] of [
      ['ann', 0],
      ['bob', 300],
      ['cy', 0],
    ] as const)
      hear(peer, { type: 'have', segment: at(5), pieces: all, backlogMs });
    const asked = new PieceSet(COUNT);
    const sizes = new Map<string, number>();
    for (const { peer, frame } of requests(want(5, 6000))) {
      sizes.set(peer, frame.pieces.size);
      for (const piece of frame.pieces) {
        expect(asked.has(piece)).toBe(false);
        asked.add(piece);
      }
    }
    expect(asked.isFull).toBe(true);
    expect(sizes.size).toBe(3);
    expect(sizes.get('bob')).toBeLessThan(sizes.get('ann') ?? 0);
  });

  it('downloads announced segments ahead of the player, and delivers at once when it requests them', () => {
    want(5, 4000);
    tell({ type: 'announced', notice: notice(6) });
    const [request] = requests(
      hear('ann', { type: 'have', segment: at(6), pieces: pieces(0), backlogMs: 0 }),
    );
    expect(request?.frame.segment).toEqual(at(6));
    for (let piece = 0; piece < COUNT; piece++) {
      tell({ type: 'piece-arrived', peer: 'ann', segment: segmentKey(at(6)), piece, verdict: 'good' });
    }
    expect(only(want(6, 6000), 'deliver')).toEqual([
      { type: 'deliver', want: 6, segment: segmentKey(at(6)) },
    ]);
  });

  it('B6: requests a piece that a neighbour lacked from it again after its `have`', () => {
    tell({ type: 'announced', notice: notice(6, [{ peer: 'ann', first: 0, count: 1 }]) });
    const [ahead] = requests(want(6, 6000));
    expect([ahead?.peer, [...(ahead?.frame.pieces ?? [])]]).toEqual(['ann', [0]]);
    hear('ann', { type: 'reject', segment: at(6), pieces: pieces(0), reason: 'absent', backlogMs: 0 });
    expect(requests(passUntil(now + 500))).toEqual([]);
    const [again] = requests(hear('ann', { type: 'have', segment: at(6), pieces: pieces(0), backlogMs: 0 }));
    expect([again?.peer, [...(again?.frame.pieces ?? [])]]).toEqual(['ann', [0]]);
  });

  it('stops downloading ahead when the player has stopped requesting', () => {
    want(5, 4000);
    tell({ type: 'announced', notice: notice(12) });
    expect(requests(hear('ann', { type: 'have', segment: at(12), pieces: all, backlogMs: 0 }))).toEqual([]);
  });

  it('requests a piece from another neighbour when the first is silent', () => {
    want(5, 20_000);
    const [first] = requests(hear('ann', { type: 'have', segment: at(5), pieces: pieces(0), backlogMs: 0 }));
    expect(first?.peer).toBe('ann');
    hear('bob', { type: 'have', segment: at(5), pieces: pieces(0), backlogMs: 0 });
    const later = passUntil(now + 2000);
    expect(frames(later, 'cancel').map((frame) => frame.segment)).toContainEqual(at(5));
    expect(requests(later)[0]?.peer).toBe('bob');
  });

  it('drops a neighbour that let three requests time out and sent nothing for eight seconds', () => {
    want(5, 60_000);
    hear('ann', { type: 'have', segment: at(5), pieces: pieces(0, 1, 2), backlogMs: 0 });
    const soon = passUntil(now + 7500);
    expect(only(soon, 'hang-up')).toEqual([]);
    const later = [...passUntil(now + 1000), ...tell({ type: 'tick' })];
    expect(only(later, 'hang-up')).toEqual([{ type: 'hang-up', peer: 'ann', why: 'silent' }]);
  });

  it('keeps a neighbour whose pieces arrive late', () => {
    want(5, 60_000);
    hear('ann', { type: 'have', segment: at(5), pieces: pieces(0, 1, 2), backlogMs: 0 });
    passUntil(now + 6000);
    tell({ type: 'piece-arrived', peer: 'ann', segment: segmentKey(at(5)), piece: 0, verdict: 'good' });
    const later = [...passUntil(now + 3000), ...tell({ type: 'tick' })];
    expect(only(later, 'hang-up')).toEqual([]);
  });

  it('does not rely on the announcements of a neighbour that let three requests time out', () => {
    want(5, 60_000);
    hear('ann', { type: 'have', segment: at(5), pieces: all, backlogMs: 0 });
    passUntil(now + 5000);
    tell({ type: 'announced', notice: notice(6) });
    want(6, 60_000);
    hear('ann', { type: 'have', segment: at(6), pieces: all, backlogMs: 0 });
    expect(only(passUntil(now + 2000), 'fetch').some(({ segment }) => segment.msn === 6)).toBe(true);
  });

  it('fetches only the missing pieces from the origin, by span, when the deadline is near', () => {
    want(5, 6000);
    hear('ann', { type: 'have', segment: at(5), pieces: pieces(0, 1, 2), backlogMs: 0 });
    for (const piece of [0, 1, 2]) {
      tell({ type: 'piece-arrived', peer: 'ann', segment: segmentKey(at(5)), piece, verdict: 'good' });
    }
    hear('bob', { type: 'fetching', segment: at(5), pieces: pieces(4, 5, 6) });
    const fetches = only(passUntil(now + 5900), 'fetch');
    expect(fetches.map(({ span }) => span)).toEqual([
      { first: 3, last: 3 },
      { first: 4, last: COUNT - 1 },
    ]);
  });

  it('announces to neighbours that it fetches from the origin without having been named an injector', () => {
    want(5, 6000);
    const later = passUntil(now + 3000);
    expect(only(later, 'fetch')).toHaveLength(1);
    expect(frames(later, 'fetching')).toHaveLength(3);
  });

  it('waits for a neighbour that announced that it is fetching', () => {
    want(5, 60_000);
    const until = now + 900;
    hear('ann', { type: 'fetching', segment: at(5), pieces: all });
    expect(only(passUntil(until), 'fetch')).toEqual([]);
  });

  it('drops a neighbour at its second bad piece, reports both pieces, and never links to it again', () => {
    want(5, 6000);
    hear('ann', { type: 'have', segment: at(5), pieces: all, backlogMs: 0 });
    const bad = (piece: number) =>
      tell({ type: 'piece-arrived', peer: 'ann', segment: segmentKey(at(5)), piece, verdict: 'bad' });
    const first = bad(0);
    expect(only(first, 'report-pollution')).toHaveLength(1);
    expect(only(first, 'hang-up')).toEqual([]);
    expect(only(bad(1), 'hang-up')).toEqual([{ type: 'hang-up', peer: 'ann', why: 'pollution' }]);
    expect(core.neighbours).toEqual(['bob', 'cy']);
    expect(tell({ type: 'introduced', peer: 'ann', dial: true })).toEqual([]);
  });

  it('cancels its requests when the player switches to another rendition', () => {
    want(5, 6000);
    tell({ type: 'announced', notice: notice(6) });
    hear('ann', { type: 'have', segment: at(6), pieces: pieces(0), backlogMs: 0 });
    const off = tell({ type: 'following', renditions: ['ffffffff'] });
    expect(frames(off, 'cancel')).toMatchObject([{ segment: at(6) }]);
  });

  it('requests again what a lost neighbour owed', () => {
    want(5, 20_000);
    hear('ann', { type: 'have', segment: at(5), pieces: pieces(0), backlogMs: 0 });
    hear('bob', { type: 'have', segment: at(5), pieces: pieces(0), backlogMs: 0 });
    expect(requests(tell({ type: 'link-closed', peer: 'ann' })).map(({ peer }) => peer)).toEqual(['bob']);
  });

  it('replaces a neighbour that was idle for half a minute, once all seats are taken', () => {
    tell({ type: 'policy', policy: { ...DEFAULT_POLICY, maxNeighbours: 3 } });
    now += 29_000;
    want(5, 60_000);
    hear('bob', { type: 'have', segment: at(5), pieces: all, backlogMs: 0 });
    tell({ type: 'piece-arrived', peer: 'bob', segment: segmentKey(at(5)), piece: 0, verdict: 'good' });
    expect(only(tell({ type: 'tick' }), 'hang-up')).toEqual([]);
    now += 2000;
    expect(only(tell({ type: 'tick' }), 'hang-up')).toEqual([{ type: 'hang-up', peer: 'ann', why: 'idle' }]);
    expect([core.seeking, core.neighbours]).toEqual([true, ['bob', 'cy']]);
    now += 30_000;
    expect(only(tell({ type: 'tick' }), 'hang-up')).toEqual([]); // There is a free seat.
  });

  it('closes a link that floods', () => {
    const flood = Array.from({ length: 600 }, () =>
      hear('ann', { type: 'cancel', segment: at(5), pieces: all }),
    );
    expect(only(flood.flat(), 'hang-up')).toEqual([{ type: 'hang-up', peer: 'ann', why: 'misbehaviour' }]);
  });
});

describe('injection', () => {
  beforeEach(() => {
    tell({ type: 'joined', self: 'me' });
    link('ann', 'bob');
    tell({ type: 'announced', notice: notice(4) });
    want(4, 4000);
  });

  it('on a thin line injects its share only after an earlier segment that the player waits for', () => {
    // The line carries 50 bytes a millisecond, and the stream has 55.
    want(1, 0);
    const seen = { bytes: BYTES, ttfbMs: 5, elapsedMs: 2200 };
    tell({ type: 'origin-ended', fetch: 1, outcome: 'ok', ...seen });
    now += 2000; // Segment 4 is needed in two seconds, and no neighbour has it.
    const injectors = [{ peer: 'me', first: 3, count: 4 }];
    const commands = tell({ type: 'announced', notice: notice(5, injectors) });
    expect(only(commands, 'fetch').map(({ segment }) => segment.msn)).not.toContain(5);
    const [fetch] = only([...commands, ...passUntil(now + 1500)], 'fetch');
    const rest = Array.from({ length: COUNT }, (_, piece) =>
      tell({ type: 'origin-piece', fetch: fetch?.fetch ?? 0, piece }),
    ).flat();
    expect(only(rest, 'deliver')).toHaveLength(1);
    expect(only(rest, 'fetch')).toMatchObject([{ segment: at(5), span: { first: 3, last: 6 } }]);
  });

  it('aborts a transfer when neighbours delivered its remaining pieces', () => {
    const [fetch] = only(passUntil(now + 3000), 'fetch');
    const id = fetch?.fetch ?? 0;
    const bring = (piece: number) =>
      tell({ type: 'piece-arrived', peer: 'ann', segment: segmentKey(at(4)), piece, verdict: 'good' });
    tell({ type: 'origin-piece', fetch: id, piece: 0 });
    const brought = Array.from({ length: COUNT - 1 }, (_, i) => bring(i + 1));
    expect(brought.slice(0, -1).flatMap((commands) => only(commands, 'abort-fetch'))).toEqual([]);
    expect(only(brought.at(-1) ?? [], 'abort-fetch')).toEqual([{ type: 'abort-fetch', fetch: id }]);
  });

  it('does not abort a transfer that brought its last piece itself', () => {
    const [fetch] = only(passUntil(now + 3000), 'fetch');
    const all = Array.from({ length: COUNT }, (_, piece) =>
      tell({ type: 'origin-piece', fetch: fetch?.fetch ?? 0, piece }),
    ).flat();
    expect(only(all, 'abort-fetch')).toEqual([]);
  });

  it('ignores a late piece of a transfer whose segment was discarded', () => {
    core = new PeerCore({ storeBytes: 2 * BYTES, uploads: true }, now);
    tell({ type: 'following', renditions: [rendition] });
    tell({ type: 'joined', self: 'me' });
    link('ann', 'bob');
    want(0, 60_000);
    const injectors = [{ peer: 'me', first: 0, count: COUNT }];
    const [fetch] = only(tell({ type: 'announced', notice: notice(1, injectors) }), 'fetch');
    const bring = (msn: number) =>
      Array.from({ length: COUNT }, (_, piece) =>
        tell({ type: 'piece-arrived', peer: 'ann', segment: segmentKey(at(msn)), piece, verdict: 'good' }),
      ).flat();
    expect(only(bring(1), 'abort-fetch')).toHaveLength(1);
    for (const msn of [2, 3]) tell({ type: 'announced', notice: notice(msn) });
    expect(only([...bring(2), ...bring(3)], 'forget')).toEqual([
      { type: 'forget', segment: segmentKey(at(1)) },
    ]);
    const late = tell({ type: 'origin-piece', fetch: fetch?.fetch ?? 0, piece: 0 });
    expect([only(late, 'forget'), frames(late, 'have')]).toEqual([[], []]);
  });

  it('fetches its share of a new segment from the origin without a request of the player', () => {
    const injectors = [
      { peer: 'ann', first: 0, count: 3 },
      { peer: 'me', first: 3, count: 4 },
    ];
    const commands = tell({ type: 'announced', notice: notice(5, injectors) });
    expect(only(commands, 'fetch').at(-1)).toMatchObject({ segment: at(5), span: { first: 3, last: 6 } });
  });

  it('announces pieces as soon as they are verified, in few frames', () => {
    tell({ type: 'announced', notice: notice(5, [{ peer: 'me', first: 0, count: COUNT }]) });
    const haves: number[] = [];
    for (let piece = 0; piece < COUNT; piece++) {
      const told = frames(tell({ type: 'origin-piece', fetch: 1, piece }), 'have');
      if (told[0] !== undefined) haves.push(told[0].pieces.size);
    }
    expect(haves[0]).toBe(1);
    expect(haves.at(-1)).toBe(COUNT);
    expect(haves.length).toBeLessThanOrEqual(4);
  });

  it('does not announce pieces to neighbours that have them', () => {
    tell({ type: 'announced', notice: notice(5, [{ peer: 'me', first: 0, count: COUNT }]) });
    hear('ann', { type: 'have', segment: at(5), pieces: pieces(0, 1), backlogMs: 0 });
    const toldOf = (piece: number) =>
      only(tell({ type: 'origin-piece', fetch: 1, piece }), 'send').flatMap(({ peer, frame }) =>
        frame.type === 'have' ? [peer] : [],
      );
    expect(toldOf(0)).not.toContain('ann');
    expect(toldOf(1)).not.toContain('ann');
    expect(toldOf(2)).toContain('ann');
  });

  it('fetches the pieces of injectors that do not deliver', () => {
    tell({ type: 'announced', notice: notice(5, [{ peer: 'ann', first: 0, count: COUNT }]) });
    want(5, 30_000);
    expect(only(passUntil(now + 250), 'fetch')).toEqual([]);
    // Segment 4, which is needed earlier, delays it only until segment 4 is overdue.
    expect(only(passUntil(now + 5000), 'fetch').map(({ segment }) => segment.msn)).toEqual([4, 5]);
  });
});

describe('uploading', () => {
  beforeEach(() => {
    tell({ type: 'joined', self: 'me' });
    link('ann', 'bob');
    tell({ type: 'announced', notice: notice(5, [{ peer: 'me', first: 0, count: COUNT }]) });
    want(5, 6000);
    for (let piece = 0; piece < COUNT; piece++) tell({ type: 'origin-piece', fetch: 1, piece });
  });
  const ask = (peer: string, ...of: number[]) =>
    hear(peer, { type: 'request', segment: at(5), pieces: pieces(...of), withinMs: 5000 });

  it('sends requested pieces, two at a time on a link', () => {
    const first = only(ask('ann', 0, 1, 2), 'send-piece');
    expect(first.map(({ piece }) => piece)).toEqual([0, 1]);
    const next = only(
      tell({ type: 'piece-sent', peer: 'ann', segment: segmentKey(at(5)), piece: 0 }),
      'send-piece',
    );
    expect(next.map(({ piece }) => piece)).toEqual([2]);
  });

  it('answers every request that it cannot serve by a `reject`: absent, refused', () => {
    const absent = hear('ann', { type: 'request', segment: at(99), pieces: all, withinMs: 5000 });
    expect(frames(absent, 'reject').map(({ reason }) => reason)).toEqual(['absent']);
    tell({ type: 'uploads', allowed: false });
    expect(frames(ask('ann', 0), 'reject').map(({ reason }) => reason)).toEqual(['refused']);
  });

  it('takes its announcements back when the viewer stops uploading, and repeats them when it starts again', () => {
    const back = frames(tell({ type: 'uploads', allowed: false }), 'have');
    expect(back.map(({ pieces: set }) => set.size)).toEqual([0, 0]);
    expect(core.uploading).toBe(false);
    const again = frames(tell({ type: 'uploads', allowed: true }), 'have');
    expect(again.map(({ pieces: set }) => set.size)).toEqual([COUNT, COUNT]);
  });

  it('uploads no faster than the policy’s cap', () => {
    tell({ type: 'policy', policy: { ...DEFAULT_POLICY, uploadLimitKbps: 80 } });
    let sent = 0;
    const take = (commands: readonly PeerCommand[]) => {
      for (const { peer, segment, piece } of only(commands, 'send-piece')) {
        sent += 16_384;
        take(tell({ type: 'piece-sent', peer, segment, piece }));
      }
    };
    const start = now;
    take(hear('ann', { type: 'request', segment: at(5), pieces: all, withinMs: 0 }));
    for (; now < start + 8000; now += 10) take(tell({ type: 'tick' }));
    expect(sent).toBeLessThanOrEqual(10 * 8000 + 10_000 + 16_384);
    expect(sent).toBeGreaterThan(70_000);
  });

  it('stops when the session budget is spent', () => {
    tell({ type: 'policy', policy: { ...DEFAULT_POLICY, uploadBudgetMb: 0.02 } });
    ask('ann', 0, 1);
    tell({ type: 'piece-sent', peer: 'ann', segment: segmentKey(at(5)), piece: 0 });
    tell({ type: 'piece-sent', peer: 'ann', segment: segmentKey(at(5)), piece: 1 });
    expect(core.uploading).toBe(false);
  });
});

describe('dialling', () => {
  const meet = (peer: string, dial = true) => tell({ type: 'introduced', peer, dial });
  const dialled = (commands: readonly PeerCommand[]) => only(commands, 'dial').map(({ peer }) => peer);

  it('does not dial before the player plays', () => {
    expect(dialled(meet('ann'))).toEqual([]);
    expect(core.seeking).toBe(true);
    expect(dialled(tell({ type: 'playing' }))).toEqual(['ann']);
    expect(dialled(meet('bob'))).toEqual(['bob']);
  });

  it('dials 2 s after an introduction if the player has not started', () => {
    meet('ann');
    expect(dialled(passUntil(now + 1999))).toEqual([]);
    expect(dialled(passUntil(now + 1))).toEqual(['ann']);
  });

  it('makes two offers at a time, and the next when one is answered or fails', () => {
    tell({ type: 'playing' });
    expect(['ann', 'bob', 'cid', 'dan', 'eve'].flatMap((peer) => dialled(meet(peer)))).toEqual([
      'ann',
      'bob',
    ]);
    expect(dialled(tell({ type: 'link-open', peer: 'ann' }))).toEqual(['cid']);
    expect(dialled(tell({ type: 'link-closed', peer: 'bob' }))).toEqual(['dan']);
    expect(dialled(tell({ type: 'link-closed', peer: 'eve' }))).toEqual([]);
    expect(dialled(tell({ type: 'link-open', peer: 'cid' }))).toEqual([]);
  });

  it('makes the first four links at once and the others one a second, so that short visits cost little', () => {
    tell({ type: 'playing' });
    const peers = ['ann', 'bob', 'cid', 'dan', 'eve', 'fay'];
    for (const peer of peers) meet(peer);
    for (const peer of peers.slice(0, 3)) tell({ type: 'link-open', peer });
    expect(dialled(tell({ type: 'link-open', peer: 'dan' }))).toEqual([]);
    expect(dialled(passUntil(now + 999))).toEqual([]);
    expect(dialled(passUntil(now + 1))).toEqual(['eve']);
    expect(dialled(passUntil(now + 999))).toEqual([]);
    expect(dialled(passUntil(now + 1))).toEqual(['fay']);
  });

  it('accepts any number of offers of others at once', () => {
    expect(['ann', 'bob', 'cid'].flatMap((peer) => dialled(meet(peer, false)))).toEqual([
      'ann',
      'bob',
      'cid',
    ]);
  });

  it('makes no offer to a peer that has waited for 10 s', () => {
    tell({ type: 'playing' });
    for (const peer of ['ann', 'bob', 'cid']) meet(peer);
    now += 10_000;
    expect(dialled(tell({ type: 'link-closed', peer: 'ann' }))).toEqual([]);
    expect(dialled(meet('cid'))).toEqual(['cid']);
  });

  it('does not dial after leaving', () => {
    tell({ type: 'playing' });
    for (const peer of ['ann', 'bob', 'cid']) meet(peer);
    expect(dialled(tell({ type: 'leave' }))).toEqual([]);
    expect(dialled(passUntil(now + 20_000))).toEqual([]);
  });
});

describe('links that only the other end has lost', () => {
  const meet = (dial: boolean) => tell({ type: 'introduced', peer: 'ann', dial });

  it.each([true, false])('C3: an introduced neighbour is linked anew (dial: %s)', (dial) => {
    link('ann', 'bob');
    expect(meet(dial)).toEqual([{ type: 'hang-up', peer: 'ann', why: 'replaced' }]);
    expect(core.neighbours).toEqual(['bob']);
    const dialled = { type: 'dial', peer: 'ann', initiator: dial };
    expect(only(tell({ type: 'link-closed', peer: 'ann' }), 'dial')).toEqual([dialled]);
    tell({ type: 'link-open', peer: 'ann' });
    expect(core.neighbours).toEqual(['bob', 'ann']);
    expect(only(tell({ type: 'link-closed', peer: 'ann' }), 'dial')).toEqual([]);
  });

  it('C3: a second introduction while the link is being made changes nothing', () => {
    link('ann');
    meet(true);
    tell({ type: 'link-closed', peer: 'ann' });
    expect(meet(true)).toEqual([]);
  });

  it.each([
    { type: 'expelled', peer: 'ann' },
    { type: 'leave' },
    { type: 'policy', policy: { ...DEFAULT_POLICY, mode: 'off' } },
  ] as const)('C3: are not made anew after $type', (event) => {
    link('ann');
    meet(true);
    tell(event);
    expect(only(tell({ type: 'link-closed', peer: 'ann' }), 'dial')).toEqual([]);
  });
});

describe('leaving and policy', () => {
  it('says goodbye to everyone', () => {
    tell({ type: 'joined', self: 'me' });
    link('ann', 'bob');
    const commands = tell({ type: 'leave' });
    expect(frames(commands, 'bye')).toHaveLength(2);
    expect(only(commands, 'hang-up')).toHaveLength(2);
  });

  it('ends all links when the broadcaster switches sharing off', () => {
    tell({ type: 'joined', self: 'me' });
    link('ann');
    const commands = tell({ type: 'policy', policy: { ...DEFAULT_POLICY, mode: 'off' } });
    expect(only(commands, 'hang-up')).toEqual([{ type: 'hang-up', peer: 'ann', why: 'policy' }]);
    expect(core.seeking).toBe(false);
  });

  it('has at most four links more than the policy’s maximum', () => {
    tell({ type: 'joined', self: 'me' });
    tell({ type: 'policy', policy: { ...DEFAULT_POLICY, maxNeighbours: 3 } });
    for (const peer of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i']) {
      now += 1000;
      link(peer);
    }
    expect(core.neighbours).toHaveLength(7);
  });

  it.each([
    ['lack one piece', pieces(1, 2), 3000],
    ['have all, and are busy for ever', all, 9000],
  ])('fails a want when the origin fails and neighbours %s', (_, held, withinMs) => {
    tell({ type: 'joined', self: 'me' });
    link('ann');
    tell({ type: 'announced', notice: notice(5) });
    const todo = [
      ...want(5, 1000),
      ...hear('ann', { type: 'have', segment: at(5), pieces: held, backlogMs: 0 }),
    ];
    const deadline = now + 1000;
    while (now < deadline + withinMs) {
      const commands = todo.splice(0);
      for (const { fetch } of only(commands, 'fetch'))
        todo.push(
          ...tell({ type: 'origin-ended', fetch, outcome: 'failed', bytes: 0, ttfbMs: 0, elapsedMs: 5 }),
        );
      for (const { frame } of requests(commands))
        todo.push(
          ...hear('ann', {
            type: 'reject',
            segment: at(5),
            pieces: frame.pieces,
            reason: 'busy',
            backlogMs: 0,
          }),
        );
      if (only(todo, 'fail').length > 0) break;
      todo.push(...passUntil(now + 50));
    }
    expect(only(todo, 'fail')).toEqual([{ type: 'fail', want: 5, segment: segmentKey(at(5)) }]);
    expect(now).toBeGreaterThan(deadline);
  });

  it('waits for the origin’s Retry-After before the next transfer, but at most two seconds', () => {
    tell({ type: 'joined', self: 'me' });
    now += 1000;
    let [first] = only(want(1, 0), 'fetch');
    for (const [retryAfterMs, waitsMs] of [[1000, 1000] as const, [60_000, 2000] as const]) {
      const fetch = first?.fetch ?? 0;
      const end = { outcome: 'failed', bytes: 0, ttfbMs: 5, elapsedMs: 5, retryAfterMs } as const;
      const at = now;
      expect(only(tell({ type: 'origin-ended', fetch, ...end }), 'fetch')).toEqual([]);
      expect(only(passUntil(at + waitsMs - 1), 'fetch')).toEqual([]);
      [first] = only(passUntil(at + waitsMs + 1), 'fetch');
      expect(first).toBeDefined();
    }
  });

  it('fails a want when the origin keeps failing and no neighbour has the segment', () => {
    tell({ type: 'joined', self: 'me' });
    now += 1000;
    let commands = [...want(1, 0)];
    const failed: PeerCommand[] = [];
    for (let tries = 0; tries < 10 && failed.length === 0; tries++) {
      const fetch = only(commands, 'fetch').at(-1)?.fetch ?? 0;
      commands = [
        ...tell({ type: 'origin-ended', fetch, outcome: 'failed', bytes: 0, ttfbMs: 0, elapsedMs: 5 }),
      ];
      failed.push(...only(commands, 'fail'));
      commands.push(...passUntil(now + 3000));
    }
    expect(failed).toEqual([{ type: 'fail', want: 1, segment: segmentKey(at(1)) }]);
  });

  it('plays bytes of the origin that do not match the piece list, and shares none of them', () => {
    tell({ type: 'joined', self: 'me' });
    link('ann');
    tell({ type: 'announced', notice: notice(5) });
    const [span] = only([...want(5, 0)], 'fetch');
    const mismatch = {
      type: 'origin-ended',
      outcome: 'mismatch',
      bytes: BYTES,
      ttfbMs: 5,
      elapsedMs: 9,
    } as const;
    const [whole] = only(tell({ ...mismatch, fetch: span?.fetch ?? 0 }), 'fetch');
    expect(whole?.span).toBeUndefined();
    const end = tell({ ...mismatch, fetch: whole?.fetch ?? 0 });
    expect(only(end, 'deliver')).toMatchObject([{ want: 5, fetch: whole?.fetch }]);
    expect(frames(end, 'have')).toEqual([]);
  });
});
