import { DEFAULT_POLICY, type PeerId, pieceCount, PieceSet, type Policy } from '@freshet/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { Outbox } from './outbox.ts';
import type { PeerCommand } from './peer-command.ts';
import { SegmentBook } from './segment-book.ts';
import type { SegmentState } from './segment-state.ts';
import { Uploader } from './uploader.ts';

const rendition = '0123abcd';
const BYTES = 200_000;
const COUNT = pieceCount(BYTES);
/** 100 bytes a millisecond: the cap is 200. */
const DURATION_MS = 2000;

let outbox: Outbox;
let book: SegmentBook;
let uploader: Uploader;
let segment: SegmentState;
let now: number;

beforeEach(() => {
  now = 1000;
  outbox = new Outbox();
  outbox.open(now);
  book = new SegmentBook(outbox, 64 * 2 ** 20, () => 0);
  book.follow([rendition]);
  segment = announce(1);
  uploader = new Uploader(outbox, book, DEFAULT_POLICY, true, now);
});

function announce(msn: number): SegmentState {
  const id = { epoch: 7, rendition, msn };
  const added = book.announce({ segment: id, bytes: BYTES, durationMs: DURATION_MS, injectors: [] });
  for (let piece = 0; piece < added.count; piece++) book.hold(added, piece);
  return added;
}
function at(time: number, event: () => void): readonly PeerCommand[] {
  outbox.open((now = time));
  event();
  uploader.plan();
  return outbox.close();
}
const ask = (peer: PeerId, pieces: PieceSet, of = segment) => {
  uploader.requested(peer, of, of.id, pieces, 4000);
};
const sentBy = (commands: readonly PeerCommand[]) =>
  commands.filter((command) => command.type === 'send-piece');
const busyIn = (commands: readonly PeerCommand[]) =>
  commands.flatMap((command) =>
    command.type === 'send' && command.frame.type === 'reject' && command.frame.reason === 'busy'
      ? [...command.frame.pieces]
      : [],
  );

/** Every piece that is handed over leaves at once. @returns pieces that left, and those answered `busy`. */
function serveAtOnce(peers: readonly PeerId[], of: SegmentState): { sent: number; busy: number } {
  let commands = at(now, () => {
    for (const peer of peers) ask(peer, PieceSet.full(of.count), of);
  });
  const busy = busyIn(commands).length;
  let sent = 0;
  while (sentBy(commands).length > 0) {
    const leaving = sentBy(commands);
    sent += leaving.length;
    commands = at(now, () => {
      for (const { peer, piece } of leaving) uploader.sent(peer, of.key, piece);
    });
  }
  return { sent, busy };
}

describe('what leaves at once', () => {
  it('is after a rest what two seconds of the cap allow, and no more', () => {
    const { sent } = serveAtOnce(['ann', 'ben', 'cem'], segment);
    const pieceBytes = BYTES / COUNT;
    expect(sent * pieceBytes).toBeGreaterThan(2 * 200_000 - 2 * pieceBytes);
    expect(sent * pieceBytes).toBeLessThan(2 * 200_000 + 2 * pieceBytes);
  });

  it('is what one second of the broadcaster’s limit allows, where there is one', () => {
    const policy: Policy = { ...DEFAULT_POLICY, uploadLimitKbps: 800 };
    uploader.apply(policy);
    const { sent } = serveAtOnce(['ann', 'ben', 'cem'], segment);
    expect(sent * (BYTES / COUNT)).toBeLessThan(100_000 + 2 * 16_384);
  });
});

describe('when packets wait on every link', () => {
  /** A piece a second to each of three; what leaves takes `drainMs`. */
  function giveFor(seconds: number, roundTrip: number, drainMs = 0): void {
    for (let i = 0; i < seconds; i++) {
      let leaving = sentBy(
        at(now + 1000, () => {
          for (const peer of ['ann', 'ben', 'cem']) ask(peer, PieceSet.of(COUNT, [0]));
        }),
      );
      while (leaving.length > 0) {
        const left = leaving;
        leaving = sentBy(
          at(now + drainMs, () => {
            for (const { peer, piece, segment } of left) uploader.sent(peer, segment, piece, roundTrip);
          }),
        );
      }
    }
  }
  /** Bytes that leave at once after a rest. */
  function burst(of: SegmentState): number {
    now += 10_000;
    return serveAtOnce(['dan', 'eve', 'fay', 'gus'], of).sent * (BYTES / COUNT);
  }

  it('less is given, and all of it again when they wait no longer', () => {
    giveFor(5, 40);
    const before = burst(announce(2));
    giveFor(20, 400);
    const during = burst(announce(3));
    giveFor(20, 40);
    const after = burst(announce(4));
    expect(during).toBeLessThan(before / 4);
    expect(after).toBe(before);
  });

  it('the tracker is told of a thinner uplink', () => {
    giveFor(20, 40, 100);
    const before = uploader.uplinkKbps ?? 0;
    giveFor(30, 400, 100);
    expect(before).toBeGreaterThan(2000);
    expect(uploader.uplinkKbps).toBeLessThan(before / 4);
  });
});

describe('a queue', () => {
  it('B7: answers busy what would wait longer than half a second under the cap', () => {
    serveAtOnce(['ann', 'ben'], segment);
    const other = announce(2);
    const commands = at(now, () => {
      ask('cem', PieceSet.full(COUNT), other);
    });
    const busy = busyIn(commands).length;
    // 500 ms of the cap are about six pieces.
    expect(COUNT - busy).toBeGreaterThanOrEqual(5);
    expect(COUNT - busy).toBeLessThanOrEqual(8);
  });
});

describe('what the links hold', () => {
  it('is at most 64 KiB together before the uplink is measured', () => {
    const commands = at(now, () => {
      for (const peer of ['ann', 'ben', 'cem', 'dan', 'eve']) ask(peer, PieceSet.of(COUNT, [0, 1]));
    });
    expect(sentBy(commands).length).toBe(4);
  });

  it('is 200 ms of a thin uplink, so that what is called off meanwhile never leaves', () => {
    let commands = at(now, () => {
      for (const peer of ['ann', 'ben', 'cem']) ask(peer, PieceSet.of(COUNT, [0, 1]));
    });
    // A piece each 200 ms: 82 bytes a millisecond.
    for (let i = 0; i < 4; i++) {
      const [first] = sentBy(commands);
      commands = at(now + 200, () => {
        if (first !== undefined) uploader.sent(first.peer, segment.key, first.piece);
      });
      if (sentBy(commands).length === 0) commands = first === undefined ? [] : [first];
    }
    const asked = at(now + 5000, () => {
      uploader.closed('ann');
      uploader.closed('ben');
      uploader.closed('cem');
      for (const peer of ['fay', 'gus', 'hal']) ask(peer, PieceSet.of(COUNT, [3]));
    });
    expect(sentBy(asked).length).toBe(1);
    const after = at(now + 200, () => {
      uploader.cancelled('gus', segment.key, PieceSet.of(COUNT, [3]));
      uploader.sent('fay', segment.key, 3);
    });
    expect(sentBy(after).map(({ peer }) => peer)).toEqual(['hal']);
  });
});
