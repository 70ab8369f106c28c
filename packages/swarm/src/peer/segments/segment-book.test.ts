import type { SegmentId } from '@freshet/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { Outbox } from '../api/outbox.ts';
import { SegmentBook } from './segment-book.ts';
import type { AnnouncedSegment, SegmentState } from './segment-state.ts';

const rendition = '0123abcd';
const BYTES = 40_000;
const PIECES = [0, 1, 2];
const at = (msn: number): SegmentId => ({ epoch: 7, rendition, msn });

let outbox: Outbox;
let book: SegmentBook;
/** How many neighbours have pieces of a segment, by its number. */
let copies: Map<number, number>;

/** Room for two whole segments. */
beforeEach(() => {
  outbox = new Outbox();
  outbox.open(1000);
  copies = new Map();
  book = new SegmentBook(outbox, 2 * BYTES, ({ id }) => copies.get(id.msn) ?? 0);
  book.follow([rendition]);
});

function announce(msn: number): AnnouncedSegment {
  return book.announce({ segment: at(msn), bytes: BYTES, durationMs: 2000, injectors: [] });
}
function fill(segment: AnnouncedSegment): void {
  for (const piece of PIECES) book.hold(segment, piece);
}
function want(msn: number): SegmentState {
  return book.want(msn, at(msn), 2000, 5000);
}
const forgotten = () =>
  outbox.close().flatMap((command) => (command.type === 'forget' ? [command.segment] : []));

describe('a full store', () => {
  it('discards the oldest segment, which queued uploads then find empty', () => {
    const oldest = announce(1);
    fill(oldest);
    for (const msn of [2, 3]) fill(announce(msn));
    expect(forgotten()).toEqual(['7/0123abcd/1']);
    expect(book.get(oldest.key)).toBeUndefined();
    expect(oldest.held.size).toBe(0);
  });

  it('discards a segment that neighbours have before a rare one', () => {
    for (const msn of [1, 2]) fill(announce(msn));
    copies = new Map([[2, 3]]);
    fill(announce(3));
    expect(forgotten()).toEqual(['7/0123abcd/2']);
  });

  it('keeps a segment for half a minute after a neighbour’s request', () => {
    const sought = announce(1);
    fill(sought);
    fill(announce(2));
    copies = new Map([[1, 3]]);
    sought.soughtAt = 1000;
    outbox.open(30_999);
    fill(announce(3));
    expect(forgotten()).toEqual(['7/0123abcd/2']);
    outbox.open(31_000);
    fill(announce(4));
    expect(forgotten()).toEqual(['7/0123abcd/1']);
  });

  it('discards a rare segment without requests, too, when the oldest sixteen are all rare', () => {
    book = new SegmentBook(outbox, 17 * BYTES, ({ id }) => (id.msn > 16 ? 3 : 0));
    for (let msn = 1; msn <= 18; msn++) fill(announce(msn));
    expect(forgotten()).toEqual(['7/0123abcd/1']);
  });

  it('keeps piece lists when there are too many bytes, and drops them first when there are too many segments', () => {
    announce(1);
    for (const msn of [2, 3, 4]) fill(announce(msn));
    expect(forgotten()).toEqual(['7/0123abcd/2']);
    outbox.open(1000);
    for (let msn = 5; msn <= 513; msn++) announce(msn);
    expect(forgotten()).toEqual([]);
    announce(514);
    expect(forgotten()).toEqual(['7/0123abcd/1']);
    announce(515);
    expect(forgotten().at(-1)).toEqual('7/0123abcd/5');
  });

  it('does not discard a segment that was completed just now and is to be delivered', () => {
    const wanted = announce(1);
    for (const msn of [2, 3]) announce(msn);
    want(1);
    fill(announce(2));
    fill(wanted);
    fill(announce(3));
    expect(wanted.complete).toBe(true);
    expect(book.get(wanted.key)).toBe(wanted);
    wanted.wants.clear();
    fill(announce(4));
    expect(book.get(wanted.key)).toBeUndefined();
  });

  it('does not discard a segment that the origin is bringing', () => {
    const fetching = announce(1);
    book.hold(fetching, 0);
    fetching.origin.fetching.set(1, 9);
    for (const msn of [2, 3, 4]) fill(announce(msn));
    expect(book.get(fetching.key)).toBe(fetching);
    fetching.origin.fetching.clear();
    fill(announce(5));
    expect(book.get(fetching.key)).toBeUndefined();
  });
});

describe('active segments', () => {
  it('are reported once when they stop being active', () => {
    const segment = announce(1);
    want(1);
    expect(book.isActive(segment)).toBe(true);
    segment.wants.clear();
    book.review(segment);
    expect(book.takeRetired()).toEqual([segment]);
    expect(book.takeRetired()).toEqual([]);
  });

  it('are not reported when they become active again at once', () => {
    const segment = announce(1);
    want(1);
    segment.wants.clear();
    book.review(segment);
    want(1);
    expect(book.takeRetired()).toEqual([]);
  });
});

describe('parts', () => {
  const part = (msn: number, number: number): SegmentId => ({ ...at(msn), part: number });
  const tell = (id: SegmentId) => book.announce({ segment: id, bytes: 1000, durationMs: 500, injectors: [] });

  it('follow one another as segments do, from the last of one segment to the first of the next', () => {
    for (const number of [0, 1, 2, 3]) tell(part(6, number));
    book.want(1, part(6, 2), 500, 5000);
    const next = tell(part(7, 0));
    expect(book.urgency(next)).toBe(6000);
    expect(book.isActive(next)).toBe(true);
    expect(book.isActive(tell(part(10, 2)))).toBe(true);
    expect(book.isActive(tell(part(10, 3)))).toBe(false);
    expect(book.behind(part(6, 2))).toBe(17);
    expect(book.behind(part(10, 3))).toBe(0);
  });

  it('are not fetched when the player requested their segment whole', () => {
    const parts = [0, 1, 2, 3].map((number) => tell(part(6, number)));
    book.want(1, at(6), 2000, 5000);
    expect(parts.map((segment) => book.isActive(segment))).toEqual([false, false, false, false]);
    const next = tell(part(7, 0));
    expect(book.isActive(next)).toBe(true);
    expect(book.urgency(next)).toBe(7000);
  });

  it('yield the rendition’s rate together, since one part of a segment has the keyframe', () => {
    const sized = (number: number, bytes: number) =>
      book.announce({ segment: part(6, number), bytes, durationMs: 500, injectors: [] });
    for (const number of [0, 1, 2, 3]) sized(number, 1000);
    sized(3, 9000);
    expect(book.followedRate).toBe(6);
  });
});
