import { DEFAULT_POLICY, PieceSet, type SegmentId } from '@freshet/protocol';
import type { PeerCommand, PeerEvent } from '@freshet/swarm';
import { describe, expect, it } from 'vitest';
import type { LabObserver, ObservedViewer } from '../lab/lab-observer.ts';
import type { Checker } from './checker.ts';
import { FetchChecker } from './fetch-checker.ts';
import { HaveChecker } from './have-checker.ts';
import { LinkChecker } from './link-checker.ts';
import { RequestChecker } from './request-checker.ts';
import { ServeChecker } from './serve-checker.ts';
import { WantChecker } from './want-checker.ts';

/** An event or command of a core, as a checker sees it, or a pause. */
type Line = { readonly in: PeerEvent } | { readonly out: PeerCommand } | { readonly wait: number };

const id: SegmentId = { epoch: 1, rendition: '0badcafe', msn: 5 };
const segment = '1/0badcafe/5';
const set = (...pieces: number[]) => PieceSet.of(4, pieces);

/** A viewer that holds pieces 0 and 1 of four. */
function viewer(neighbours: readonly string[]): ObservedViewer {
  return {
    id: 'me',
    brain: { handle: () => [], wakeAt: undefined, neighbours, seeking: false, uploading: true },
    policy: { ...DEFAULT_POLICY, maxNeighbours: 1 },
    holds: (key, piece) => key === segment && piece < 2,
    holdsAll: () => false,
  };
}

function watch(
  checker: Checker & LabObserver,
  lines: readonly Line[],
  neighbours: readonly string[] = ['ann'],
): readonly string[] {
  const me = viewer(neighbours);
  let now = 0;
  for (const line of lines) {
    if ('wait' in line) now += line.wait;
    else if ('in' in line) checker.told?.(me, line.in, now);
    else checker.decided?.(me, line.out, now);
  }
  checker.settled?.(me, now);
  checker.finish?.(now);
  return checker.breaches;
}

const introduced = (peer: string, dial = true): Line => ({ in: { type: 'introduced', peer, dial } });
const dial = (peer: string, initiator = true): Line => ({ out: { type: 'dial', peer, initiator } });
const open = (peer: string): Line => ({ in: { type: 'link-open', peer } });
const linked: readonly Line[] = [introduced('ann'), dial('ann'), open('ann')];
const hangUp = (why: 'silent' | 'pollution'): Line => ({ out: { type: 'hang-up', peer: 'ann', why } });
const have = (...pieces: number[]) =>
  ({ type: 'have', segment: id, pieces: set(...pieces), backlogMs: 0 }) as const;
const heard = (...pieces: number[]): Line => ({
  in: { type: 'frame', peer: 'ann', frame: have(...pieces) },
});
const tell = (...pieces: number[]): Line => ({ out: { type: 'send', peer: 'ann', frame: have(...pieces) } });
const request = (...pieces: number[]) =>
  ({ type: 'request', segment: id, pieces: set(...pieces), withinMs: 1000 }) as const;
const asks = (...pieces: number[]): Line => ({
  out: { type: 'send', peer: 'ann', frame: request(...pieces) },
});
const asked = (...pieces: number[]): Line => ({
  in: { type: 'frame', peer: 'ann', frame: request(...pieces) },
});
const sends = (piece: number): Line => ({
  out: { type: 'send-piece', peer: 'ann', segment, piece, backlogMs: 0 },
});
const recalls = (piece: number): Line => ({ out: { type: 'recall-piece', peer: 'ann', segment, piece } });
const sent = (piece: number): Line => ({ in: { type: 'piece-sent', peer: 'ann', segment, piece } });
const rejects = (...pieces: number[]): Line => ({
  out: {
    type: 'send',
    peer: 'ann',
    frame: { type: 'reject', segment: id, pieces: set(...pieces), reason: 'busy', backlogMs: 0 },
  },
});
const absent = (...pieces: number[]): Line => ({
  in: {
    type: 'frame',
    peer: 'ann',
    frame: { type: 'reject', segment: id, pieces: set(...pieces), reason: 'absent', backlogMs: 0 },
  },
});
const fetches = (...pieces: number[]): Line => ({
  in: { type: 'frame', peer: 'ann', frame: { type: 'fetching', segment: id, pieces: set(...pieces) } },
});
const injects = (first: number, count: number): Line => ({
  in: {
    type: 'announced',
    notice: { segment: id, bytes: 60_000, durationMs: 2000, injectors: [{ peer: 'ann', first, count }] },
  },
});
const cancelled = (...pieces: number[]): Line => ({
  in: { type: 'frame', peer: 'ann', frame: { type: 'cancel', segment: id, pieces: set(...pieces) } },
});
const want = (inMs: number): Line => ({
  in: { type: 'want', want: 1, segment: id, durationMs: 2000, deadline: inMs },
});
const fetch: Line = { out: { type: 'fetch', fetch: 7, segment: id } };
const span = (first: number, last: number): Line => ({
  out: { type: 'fetch', fetch: 8, segment: id, span: { first, last } },
});
const ended = (outcome: 'ok' | 'failed'): Line => ({
  in: { type: 'origin-ended', fetch: 7, outcome, bytes: 1, ttfbMs: 1, elapsedMs: 1 },
});
const deliver: Line = { out: { type: 'deliver', want: 1, segment, fetch: 7 } };
const wants = () => new WantChecker({ originServed: () => true, originNeedsMs: 300 });
const whileOut = () => new WantChecker({ originServed: () => false, originNeedsMs: 300 });

describe('a checker accepts', () => {
  it.each<[string, Checker & LabObserver, readonly Line[], (readonly string[])?]>([
    ['a delivery in time', wants(), [want(900), fetch, { wait: 900 }, ended('ok'), deliver]],
    ['a withdrawn want', wants(), [want(900), { in: { type: 'unwant', want: 1 } }, { wait: 9000 }]],
    ['a late delivery in an outage', whileOut(), [want(9), fetch, { wait: 900 }, ended('ok'), deliver]],
    ['a link', new LinkChecker(), [...linked, tell(0)]],
    ['a link that ends', new LinkChecker(), [introduced('ann'), dial('ann'), hangUp('silent')], []],
    ['four haves', new HaveChecker(), [...linked, tell(0), tell(0), tell(0), tell(0)]],
    [
      'haves of a segment that was forgotten and held again',
      new HaveChecker(),
      [tell(0), tell(0), tell(0), { out: { type: 'forget', segment } }, tell(0), tell(0)],
    ],
    ['withdrawn haves', new HaveChecker(), [tell(0), tell(0), tell(0), tell(), tell(0), tell(0)]],
    ['a request for announced pieces', new RequestChecker(), [heard(2, 3), asks(2, 3), span(2, 3)]],
    ['a request for pieces that are being injected', new RequestChecker(), [injects(2, 2), asks(2, 3)]],
    ['a request for pieces that are being fetched', new RequestChecker(), [fetches(3), asks(3)]],
    [
      'a request for a piece that was promised, absent, and announced',
      new RequestChecker(),
      [injects(2, 2), asks(2), absent(2), heard(2), asks(2)],
    ],
    [
      'an answer to each requested piece',
      new ServeChecker(),
      [open('ann'), asked(0, 1, 2), sends(0), sends(1), rejects(2)],
    ],
    [
      'one answer to two requests',
      new ServeChecker(),
      [open('ann'), asked(0), asked(0), sends(0), asked(0), sent(0)],
    ],
    [
      'a piece that is recalled on its cancel, and sent on a new request',
      new ServeChecker(),
      [open('ann'), asked(0), sends(0), cancelled(0), recalls(0), asked(0), sends(0), sent(0)],
    ],
    [
      'another piece after a recalled one',
      new ServeChecker(),
      [open('ann'), asked(0, 1), sends(0), sends(1), cancelled(0), recalls(0), asked(0), sends(0)],
    ],
    ['no answer after a cancel', new ServeChecker(), [open('ann'), asked(0), cancelled(0), { wait: 99_999 }]],
  ])('%s', (_, checker, lines, neighbours) => {
    expect(watch(checker, lines, neighbours)).toEqual([]);
  });
});

describe('a checker finds', () => {
  it.each<[string, Checker & LabObserver, readonly Line[], (readonly string[])?]>([
    ['a want that is due', wants(), [want(900), { wait: 901 }]],
    ['a late delivery', wants(), [want(900), fetch, { wait: 901 }, ended('ok'), deliver]],
    ['an answer without a want', wants(), [fetch, ended('ok'), deliver]],
    ['a want delivered twice', wants(), [want(900), fetch, ended('ok'), deliver, deliver]],
    ['a delivery from a failed transfer', wants(), [want(900), fetch, ended('failed'), deliver]],
    ['a delivery from a running transfer', wants(), [want(900), fetch, deliver]],
    ['an incomplete delivery', wants(), [want(900), { out: { type: 'deliver', want: 1, segment } }]],
    ['a delivery of another segment', wants(), [want(9), { out: { type: 'fail', want: 1, segment: 'x' } }]],
    ['a dial without an introduction', new LinkChecker(), [dial('ann')], []],
    ['a dial with the wrong initiator', new LinkChecker(), [introduced('ann'), dial('ann', false)], []],
    ['a second dial', new LinkChecker(), [introduced('ann'), dial('ann'), dial('ann')], []],
    [
      'a third offer at a time',
      new LinkChecker(),
      ['a', 'b', 'c'].flatMap((peer) => [introduced(peer), dial(peer)]),
      [],
    ],
    ['a frame on a closed link', new LinkChecker(), [tell(0)], []],
    ['a hang-up without a link', new LinkChecker(), [hangUp('silent')], []],
    [
      'a dial to a peer that was disconnected for good',
      new LinkChecker(),
      [...linked, hangUp('pollution'), dial('ann')],
      [],
    ],
    ['a link missing from the neighbours', new LinkChecker(), linked, []],
    [
      'too many links',
      new LinkChecker(),
      ['a', 'b', 'c', 'd', 'e', 'f'].flatMap((peer) => [introduced(peer), dial(peer), open(peer)]),
      ['a', 'b', 'c', 'd', 'e', 'f'],
    ],
    ['a have of a missing piece', new HaveChecker(), [tell(0, 2)]],
    ['a fifth have', new HaveChecker(), [tell(0), tell(0), tell(0), tell(0), tell(0)]],
    ['a request for a piece that was not announced', new RequestChecker(), [heard(2), asks(3)]],
    ['a request for a withdrawn piece', new RequestChecker(), [heard(2), heard(), asks(2)]],
    ['a request for a piece outside the injected ones', new RequestChecker(), [injects(2, 1), asks(3)]],
    ['a request for a piece outside the fetched ones', new RequestChecker(), [fetches(2), asks(3)]],
    [
      'a request for a promised piece that is absent',
      new RequestChecker(),
      [injects(2, 2), asks(2), absent(2), asks(2)],
    ],
    ['a request for a piece that it has', new RequestChecker(), [heard(0), asks(0)]],
    ['a request for nothing', new RequestChecker(), [heard(0), asks()]],
    ['a transfer of a piece that it has', new RequestChecker(), [span(1, 2)]],
    ['an unrequested piece', new ServeChecker(), [open('ann'), sends(0)]],
    ['a second answer', new ServeChecker(), [open('ann'), asked(0), sends(0), rejects(0)]],
    ['an answer after the cancel', new ServeChecker(), [open('ann'), asked(0), cancelled(0), sends(0)]],
    [
      'a piece that goes on after its cancel',
      new ServeChecker(),
      [open('ann'), asked(0), sends(0), cancelled(0)],
    ],
    ['a recall of a piece that does not leave', new ServeChecker(), [open('ann'), asked(0), recalls(0)]],
    [
      'a recall of a piece that has left',
      new ServeChecker(),
      [open('ann'), asked(0), sends(0), sent(0), recalls(0)],
    ],
    ['a piece that is not held', new ServeChecker(), [open('ann'), asked(2), sends(2)]],
    ['a request without an answer', new ServeChecker(), [open('ann'), asked(0), { wait: 99_999 }]],
    [
      'an abort of a transfer that does not run',
      new FetchChecker(),
      [{ out: { type: 'abort-fetch', fetch: 7 } }],
    ],
    ['a fetch id that is used twice', new FetchChecker(), [fetch, ended('ok'), fetch]],
    ['a transfer of nothing', new FetchChecker(), [span(3, 2)]],
    [
      'a core that spins',
      new FetchChecker(),
      Array.from({ length: 500 }, (): Line => ({ in: { type: 'tick' } })),
    ],
  ])('%s', (_, checker, lines, neighbours) => {
    expect(watch(checker, lines, neighbours)).toHaveLength(1);
  });

  it('more transfers at a time than a browser makes', () => {
    const many = Array.from({ length: 7 }, (_, fetch): Line => ({
      out: { type: 'fetch', fetch, segment: id },
    }));
    expect(watch(new FetchChecker(), many)).toHaveLength(1);
  });

  it('more than two pieces handed to a link', () => {
    const all = { ...viewer(['ann']), holds: () => true };
    const checker = new ServeChecker();
    checker.told(all, { type: 'link-open', peer: 'ann' }, 0);
    checker.told(all, { type: 'frame', peer: 'ann', frame: request(0, 1, 2) }, 0);
    for (const piece of [0, 1, 2])
      checker.decided(all, { type: 'send-piece', peer: 'ann', segment, piece, backlogMs: 0 }, 0);
    expect(checker.breaches).toHaveLength(1);
  });
});
