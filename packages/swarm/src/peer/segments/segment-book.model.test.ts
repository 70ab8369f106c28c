import { pieceBytes, pieceCount, segmentKey } from '@freshet/protocol';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Outbox } from '../api/outbox.ts';
import { SegmentBook } from './segment-book.ts';

const rendition = '0123abcd';
const BYTES = 40_000;
const COUNT = pieceCount(BYTES);
/** Room for one whole segment. */
const STORE_BYTES = BYTES;
/** How many segments past the player's last request are fetched ahead. */
const AHEAD = 4;

const msn = fc.integer({ min: 1, max: 9 });
const anyStep = fc.oneof(
  fc.record({ do: fc.constant('announce' as const), msn }),
  { weight: 4, arbitrary: fc.record({ do: fc.constant('hold' as const), msn, piece: fc.nat(COUNT - 1) }) },
  fc.record({ do: fc.constant('want' as const), msn, inMs: fc.integer({ min: 0, max: 9000 }) }),
  fc.record({ do: fc.constant('unwant' as const), msn }),
);

/** The expected state of a segment. */
interface Known {
  isAnnounced: boolean;
  isWanted: boolean;
  readonly held: Set<number>;
}

/** The book and a simple model of it that ignores speed. */
class Pair {
  readonly model = new Map<number, Known>();
  readonly outbox = new Outbox();
  readonly book = new SegmentBook(this.outbox, STORE_BYTES, () => 0);
  #lastWanted: number | undefined;
  #newest: number | undefined;
  /** The last step made room. A segment that leaves use later stays until the next piece needs its space. */
  #madeRoom = false;

  constructor() {
    this.outbox.open(1000);
    this.book.follow([rendition]);
  }

  take(step: typeof anyStep extends fc.Arbitrary<infer T> ? T : never): void {
    this.outbox.open(this.outbox.now + 10);
    this.#madeRoom = false;
    const id = { epoch: 7, rendition, msn: step.msn };
    const segment = this.book.get(segmentKey(id));
    switch (step.do) {
      case 'announce':
        this.#know(step.msn).isAnnounced = true;
        this.book.announce({ segment: id, bytes: BYTES, durationMs: 2000, injectors: [] });
        break;
      case 'hold':
        if (segment?.state !== 'announced' || segment.held.has(step.piece)) return;
        this.#know(step.msn).held.add(step.piece);
        this.book.hold(segment, step.piece);
        // As the core delivers a complete segment to the player.
        if (segment.complete) this.#unwant(step.msn);
        else this.#madeRoom = true;
        break;
      case 'want': {
        const known = this.#know(step.msn);
        const deadline = this.outbox.now + step.inMs;
        const wanted = this.book.want(step.msn, id, 2000, deadline);
        this.#lastWanted = step.msn;
        if (wanted.complete) this.book.answer(wanted, { type: 'deliver' });
        else known.isWanted = true;
        break;
      }
      case 'unwant':
        this.#unwant(step.msn);
        break;
    }
    for (const command of this.outbox.close()) {
      if (command.type !== 'forget') continue;
      const forgotten = Number(command.segment.split('/')[2]);
      const known = this.model.get(forgotten);
      expect(known?.isWanted, `${command.segment} was waited for`).toBe(false);
      this.model.delete(forgotten);
    }
  }

  check(): void {
    const active = this.book.active().map(({ id }) => id.msn);
    expect([...active].sort((a, b) => a - b)).toEqual(this.#workedOn());
    const urgencies = this.book.active().map((segment) => this.book.urgency(segment));
    expect(urgencies).toEqual([...urgencies].sort((a, b) => a - b));
    let heldBytes = 0;
    let canGo = 0;
    for (const [known, { held, isAnnounced }] of this.model) {
      const segment = this.book.get(segmentKey({ epoch: 7, rendition, msn: known }));
      expect(segment?.state).toBe(isAnnounced ? 'announced' : 'unannounced');
      expect(segment?.state === 'announced' ? [...segment.held] : []).toEqual(
        [...held].sort((a, b) => a - b),
      );
      for (const piece of held) heldBytes += pieceBytes(BYTES, piece);
      if (held.size > 0 && !active.includes(known) && known !== this.#newest) canGo++;
    }
    expect([...this.book.all()].length).toBe(this.model.size);
    // Active segments stay, however full the store is.
    if (this.#madeRoom && canGo > 0) expect(heldBytes).toBeLessThanOrEqual(STORE_BYTES);
  }

  #know(number: number): Known {
    let known = this.model.get(number);
    if (known === undefined) {
      this.model.set(number, (known = { isAnnounced: false, isWanted: false, held: new Set() }));
      this.#newest = number;
    }
    return known;
  }

  #unwant(number: number): void {
    const known = this.model.get(number);
    const segment = this.book.get(segmentKey({ epoch: 7, rendition, msn: number }));
    if (known === undefined || segment === undefined) return;
    known.isWanted = false;
    this.book.answer(segment, { type: 'deliver' });
  }

  /** Incomplete, and requested by the player, or announced and a little ahead of its last request. */
  #workedOn(): readonly number[] {
    const last = this.#lastWanted;
    const isAhead = (number: number) => last !== undefined && number > last && number <= last + AHEAD;
    return [...this.model]
      .filter(([, { held }]) => held.size < COUNT)
      .filter(([number, { isWanted, isAnnounced }]) => isWanted || (isAnnounced && isAhead(number)))
      .map(([number]) => number)
      .sort((a, b) => a - b);
  }
}

it('the segment book agrees with a simple model after any sequence of announcements, pieces and requests', () => {
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 120, size: 'max' }), (steps) => {
      const pair = new Pair();
      for (const step of steps) {
        pair.take(step);
        pair.check();
      }
    }),
    { numRuns: 300 },
  );
});
