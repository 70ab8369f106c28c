import { type ControlFrame, pieceCount, PieceSet, type SegmentId, segmentKey } from '@freshet/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import type { PeerCommand } from './api/peer-command.ts';
import { PeerCore } from './peer-core.ts';
import type { PeerEvent, SegmentNotice } from './api/peer-event.ts';

const rendition = '0123abcd';
const BYTES = 110_000;
const COUNT = pieceCount(BYTES);
const all = PieceSet.full(COUNT);
const none = new PieceSet(COUNT);
const at = (msn: number): SegmentId => ({ epoch: 7, rendition, msn });
const notice = (msn: number): SegmentNotice => ({
  segment: at(msn),
  bytes: BYTES,
  durationMs: 2000,
  injectors: [],
});

let core: PeerCore;
let now: number;

const tell = (event: PeerEvent) => core.handle(event, now);
const announce = (msn: number) => tell({ type: 'announced', notice: notice(msn) });
const hear = (peer: string, frame: ControlFrame) => tell({ type: 'frame', peer, frame });
const want = (msn: number, inMs: number) =>
  tell({ type: 'want', want: msn, segment: at(msn), durationMs: 2000, deadline: now + inMs });
const listEnded = (msn: number) => tell({ type: 'list-ended', segment: at(msn) });
const lists = (commands: readonly PeerCommand[]) =>
  commands.flatMap((command) => (command.type === 'fetch-list' ? [command.segment.msn] : []));
const fetches = (commands: readonly PeerCommand[]) =>
  commands.flatMap((command) => (command.type === 'fetch' ? [command] : []));
const frames = (commands: readonly PeerCommand[], type: ControlFrame['type']) =>
  commands.flatMap((command) =>
    command.type === 'send' && command.frame.type === type
      ? [{ peer: command.peer, frame: command.frame }]
      : [],
  );
function passUntil(end: number): readonly PeerCommand[] {
  const commands: PeerCommand[] = [];
  while (core.wakeAt !== undefined && core.wakeAt <= end) {
    now = Math.max(now + 1, core.wakeAt);
    commands.push(...tell({ type: 'tick' }));
  }
  now = end;
  return commands;
}
function link(...peers: string[]): void {
  tell({ type: 'playing' });
  for (const peer of peers) {
    tell({ type: 'introduced', peer, dial: true });
    tell({ type: 'link-open', peer });
  }
}
function hold(msn: number): void {
  announce(msn);
  want(msn, 60_000);
  hear('ann', { type: 'have', segment: at(msn), pieces: all, backlogMs: 0 });
  for (let piece = 0; piece < COUNT; piece++)
    tell({ type: 'piece-arrived', peer: 'ann', segment: segmentKey(at(msn)), piece, verdict: 'good' });
}

beforeEach(() => {
  now = 10_000;
  core = new PeerCore({ storeBytes: 64 * 2 ** 20, uploads: true }, now);
  tell({ type: 'following', renditions: [rendition] });
  tell({ type: 'joined', self: 'me' });
  link('ann', 'bob');
  now += 1000;
});

describe('a segment that was not announced', () => {
  it('P7: has its list requested once when the announcement is late, and waits a moment for the list', () => {
    announce(4);
    expect(lists(want(5, 20_000))).toEqual([]);
    expect(lists(passUntil(now + 299))).toEqual([]);
    const late = passUntil(now + 1);
    expect([lists(late), fetches(late)]).toEqual([[5], []]);
    const waiting = passUntil(now + 290);
    expect([lists(waiting), fetches(waiting)]).toEqual([[], []]);
    expect(fetches(passUntil(now + 20))).toMatchObject([{ segment: at(5) }]);
  });

  it('P7: has its list requested at once when a newer segment was announced, or the tracker is lost', () => {
    announce(9);
    expect(lists(want(5, 20_000))).toEqual([5]);
    tell({ type: 'tracker-lost' });
    expect(lists(want(10, 20_000))).toEqual([10]);
    tell({ type: 'joined', self: 'me' });
    expect(lists(want(11, 20_000))).toEqual([]);
  });

  it('is fetched at once for a player that cannot wait', () => {
    announce(9);
    const commands = want(5, 0);
    expect(lists(commands)).toEqual([5]);
    expect(fetches(commands)).toMatchObject([{ segment: at(5) }]);
  });

  it('is fetched whole at once when there is no list', () => {
    announce(9);
    want(5, 20_000);
    const commands = listEnded(5);
    expect(fetches(commands)).toMatchObject([{ segment: at(5) }]);
    expect(fetches(commands)[0]?.span).toBeUndefined();
    expect(lists(passUntil(now + 5000))).toEqual([]);
  });

  it('is requested from neighbours when the list has arrived', () => {
    announce(9);
    want(5, 20_000);
    hear('ann', { type: 'have', segment: at(5), pieces: all, backlogMs: 0 });
    const commands = [...announce(5), ...listEnded(5)];
    expect(frames(commands, 'request').map(({ peer }) => peer)).toEqual(['ann']);
    expect(fetches(passUntil(now + 300))).toEqual([]);
  });

  it('P7: waits while four lists are being fetched', () => {
    announce(20);
    expect([1, 2, 3, 4, 5].flatMap((msn) => lists(want(msn, 20_000)))).toEqual([1, 2, 3, 4]);
    expect(lists(listEnded(2))).toEqual([5]);
  });

  it('has no list requested before the first welcome, which brings lists', () => {
    core = new PeerCore({ storeBytes: 64 * 2 ** 20, uploads: true }, now);
    expect(lists(want(5, 20_000))).toEqual([]);
    expect(lists(passUntil(now + 4000))).toEqual([]);
  });
});

describe('a segment far behind the newest', () => {
  beforeEach(() => {
    announce(30);
    announce(5);
  });

  it('B14: is queried once from each neighbour that announced nothing of it, and waits a moment for answers', () => {
    hear('ann', { type: 'have', segment: at(5), pieces: PieceSet.of(COUNT, [0]), backlogMs: 0 });
    now += 5000;
    const asked = want(5, 60_000);
    expect(frames(asked, 'have')).toEqual([
      { peer: 'bob', frame: { type: 'have', segment: at(5), pieces: none, backlogMs: 0 } },
    ]);
    const waiting = passUntil(now + 290);
    expect([frames(waiting, 'have'), fetches(waiting)]).toEqual([[], []]);
    const told = hear('bob', { type: 'have', segment: at(5), pieces: all, backlogMs: 0 });
    expect(frames(told, 'request').length).toBeGreaterThan(0);
  });

  it('B14: is not queried when it is near the newest, or the player does not want it', () => {
    announce(22);
    expect(frames([...want(22, 60_000), ...passUntil(now + 500)], 'have')).toEqual([]);
  });

  it('B14: a query is answered only when a piece of the segment is held', () => {
    hold(5);
    tell({ type: 'link-closed', peer: 'bob' });
    for (let msn = 40; msn < 60; msn++) hold(msn);
    link('cy');
    const answer = hear('cy', { type: 'have', segment: at(5), pieces: none, backlogMs: 0 });
    expect(frames(answer, 'have')).toEqual([
      { peer: 'cy', frame: { type: 'have', segment: at(5), pieces: all, backlogMs: 0 } },
    ]);
    expect(frames(hear('cy', { type: 'have', segment: at(30), pieces: none, backlogMs: 0 }), 'have')).toEqual(
      [],
    );
    const more = [1, 2, 3, 4, 5].flatMap(() =>
      frames(hear('cy', { type: 'have', segment: at(5), pieces: none, backlogMs: 0 }), 'have'),
    );
    expect(more).toHaveLength(3);
    tell({ type: 'uploads', allowed: false });
    expect(
      frames(hear('bob', { type: 'have', segment: at(41), pieces: none, backlogMs: 0 }), 'have'),
    ).toEqual([]);
  });
});
