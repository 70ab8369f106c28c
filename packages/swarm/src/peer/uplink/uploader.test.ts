import { DEFAULT_POLICY, type PeerId, pieceCount, PieceSet, type Policy } from '@freshet/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { Outbox } from '../api/outbox.ts';
import type { PeerCommand } from '../api/peer-command.ts';
import { SegmentBook } from '../segments/segment-book.ts';
import type { AnnouncedSegment } from '../segments/segment-state.ts';
import { Uploader } from './uploader.ts';

const rendition = '0123abcd';
const BYTES = 200_000;
const COUNT = pieceCount(BYTES);
/** 100 bytes a millisecond: the cap is 200. */
const DURATION_MS = 2000;

let outbox: Outbox;
let book: SegmentBook;
let uploader: Uploader;
let segment: AnnouncedSegment;
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

function announce(msn: number): AnnouncedSegment {
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

/** The host sends every piece at once. @returns how many pieces were sent, and how many were answered `busy`. */
function serveAtOnce(peers: readonly PeerId[], of: AnnouncedSegment): { sent: number; busy: number } {
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

describe('the burst', () => {
  it('is two seconds of the cap after a pause', () => {
    const { sent } = serveAtOnce(['ann', 'ben', 'cem'], segment);
    const pieceBytes = BYTES / COUNT;
    expect(sent * pieceBytes).toBeGreaterThan(2 * 200_000 - 2 * pieceBytes);
    expect(sent * pieceBytes).toBeLessThan(2 * 200_000 + 2 * pieceBytes);
  });

  it('is one second of the broadcaster’s limit, if there is one', () => {
    const policy: Policy = { ...DEFAULT_POLICY, uploadLimitKbps: 800 };
    uploader.apply(policy);
    const { sent } = serveAtOnce(['ann', 'ben', 'cem'], segment);
    expect(sent * (BYTES / COUNT)).toBeLessThan(100_000 + 2 * 16_384);
  });
});

describe('a queue', () => {
  it('B7: more than 64 pieces of one neighbour are answered busy', () => {
    const many = Array.from({ length: 7 }, (_, i) => announce(2 + i));
    const commands = at(now, () => {
      for (const of of many) uploader.requested('ann', of, of.id, PieceSet.full(COUNT), 60_000);
    });
    expect(busyIn(commands)).toHaveLength(7 * COUNT - 64);
  });

  it('B5: a piece that cannot leave in time is rejected when it is requested', () => {
    // At the first pace of 32 bytes a millisecond, a piece takes half a second.
    const commands = at(now, () => {
      uploader.requested('ann', segment, segment.id, PieceSet.full(COUNT), 60_000);
      segment.given.set(3, 1);
      uploader.requested('ben', segment, segment.id, PieceSet.of(COUNT, [3]), 400);
    });
    expect(busyIn(commands)).toEqual([3]);
  });

  it('B5: a queued piece is rejected as soon as it cannot leave in time any more', () => {
    at(now, () => {
      uploader.requested('ann', segment, segment.id, PieceSet.full(COUNT), 2000);
    });
    const early = at(now + 500, () => undefined);
    const late = at(now + 1300, () => undefined);
    expect(busyIn(early)).toEqual([]);
    expect(busyIn(late).length).toBeGreaterThan(COUNT / 2);
  });

  it('B12: pieces that were sent to no neighbour go first, then the deadline decides', () => {
    const [first] = sentBy(
      at(now, () => {
        uploader.requested('ann', segment, segment.id, PieceSet.of(COUNT, [0, 1]), 9000);
      }),
    );
    segment.given.set(5, 1);
    segment.given.set(6, 1);
    at(now, () => {
      uploader.requested('ben', segment, segment.id, PieceSet.of(COUNT, [5]), 9000);
      uploader.requested('cem', segment, segment.id, PieceSet.of(COUNT, [6]), 3000);
      uploader.requested('dan', segment, segment.id, PieceSet.of(COUNT, [7]), 9000);
    });
    const order: number[] = [];
    let leaving = [{ peer: first?.peer ?? '', piece: 0 }];
    for (let i = 0; i < 5; i++) {
      const commands = sentBy(
        at(now + 10, () => {
          for (const { peer, piece } of leaving) uploader.sent(peer, segment.key, piece);
        }),
      );
      order.push(...commands.map(({ piece }) => piece));
      leaving = commands.map(({ peer, piece }) => ({ peer, piece }));
    }
    expect(order).toEqual([7, 6, 5]);
  });

  it('B8: a piece that is cancelled while it is being sent is recalled, and makes room', () => {
    at(now, () => {
      ask('ann', PieceSet.of(COUNT, [0, 1]));
      ask('ben', PieceSet.of(COUNT, [2]));
    });
    const commands = at(now + 5, () => {
      uploader.cancelled('ann', segment.key, PieceSet.of(COUNT, [0]));
    });
    expect(commands).toContainEqual({ type: 'recall-piece', peer: 'ann', segment: segment.key, piece: 0 });
    expect(sentBy(commands)).toHaveLength(1);
  });

  it('B6: a request waits for a piece that is on its way from the origin', () => {
    const id = { epoch: 7, rendition, msn: 9 };
    const coming = book.announce({ segment: id, bytes: BYTES, durationMs: DURATION_MS, injectors: [] });
    coming.origin.mine = [0];
    const asked = at(now, () => {
      ask('ann', PieceSet.of(COUNT, [0, 1]), coming);
    });
    expect(asked).toContainEqual({
      type: 'send',
      peer: 'ann',
      frame: {
        type: 'reject',
        segment: id,
        pieces: PieceSet.of(COUNT, [1]),
        reason: 'absent',
        backlogMs: expect.any(Number) as number,
      },
    });
    expect(sentBy(asked)).toEqual([]);
    const held = at(now + 300, () => {
      book.hold(coming, 0);
    });
    expect(sentBy(held)).toMatchObject([{ peer: 'ann', piece: 0 }]);
  });
});

describe('the pieces that the host holds', () => {
  it('are two, or 200 ms of the pace, so that the others can still be reordered', () => {
    const commands = at(now, () => {
      for (const peer of ['ann', 'ben', 'cem', 'dan', 'eve']) ask(peer, PieceSet.of(COUNT, [0, 1]));
    });
    expect(sentBy(commands)).toHaveLength(2);
  });
});

describe('a line with hardly any capacity', () => {
  /** Feedback of a line that carries so many bytes of pieces a millisecond, with a growing queue. */
  const feedBack = (bytesPerMs: number) => {
    const start = now;
    for (let i = 1; i <= 50; i++)
      at(start + 100 * i, () => {
        uploader.feedback('ann', {
          sentAt: start + 50 * i,
          delay: 50 * i,
          sentBytes: 100 * i * bytesPerMs,
          run: 1,
        });
      });
  };

  it('is not used, so that the viewer’s own requests are not delayed, and is tried again after a minute', () => {
    feedBack(5);
    expect(uploader.active).toBe(false);
    const asked = at(now + 10, () => {
      ask('ben', PieceSet.of(COUNT, [0]));
    });
    expect(asked).toMatchObject([{ peer: 'ben', frame: { type: 'reject', reason: 'refused' } }]);
    at(now + 60_000, () => undefined);
    expect(uploader.active).toBe(true);
  });

  it('is not one that carries 160 kbit/s of pieces', () => {
    feedBack(20);
    expect(uploader.active).toBe(true);
  });
});
