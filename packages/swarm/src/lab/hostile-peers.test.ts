import {
  type ControlFrame,
  encodeFrame,
  type Frame,
  LIMITS,
  pieceCount,
  PieceSet,
  type RejectReason,
} from '@freshet/protocol';
import { SwarmLab } from '@freshet/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PeerCore } from '../peer/peer-core.ts';
import type { PeerEvent } from '../peer/api/peer-event.ts';
import { TrackerCore } from '../tracker/tracker-core.ts';
import type { TrackerEvent } from '../tracker/api/tracker-event.ts';

const BYTES = 110_000;
const COUNT = pieceCount(BYTES);
const rendition = '0badcafe';

const peer = fc.constantFrom('ann', 'bob', 'cy', 'dee', 'me', '', '__proto__');
const segment = fc.record({
  epoch: fc.constantFrom(1, 2, 0xffffffff),
  rendition: fc.constantFrom(rendition, 'ffffffff'),
  msn: fc.oneof(fc.nat(12), fc.constant(2 ** 48 - 1)),
});
const key = segment.map(({ epoch, rendition: of, msn }) => `${epoch}/${of}/${msn}`);
const piece = fc.oneof(fc.nat(COUNT), fc.constant(LIMITS.piecesPerSegment - 1));
const pieces = fc
  .oneof(fc.constant(COUNT), fc.integer({ min: 1, max: LIMITS.piecesPerSegment }))
  .chain((length) =>
    fc.array(fc.nat(length - 1), { maxLength: 12 }).map((list) => PieceSet.of(length, list)),
  );
const ms = fc.oneof(fc.nat(10_000), fc.constantFrom(0, 0xffffffff));

const anyFrame: fc.Arbitrary<ControlFrame> = fc.oneof(
  fc.constant<ControlFrame>({ type: 'bye' }),
  fc.record({ type: fc.constantFrom('fetching', 'cancel'), segment, pieces }),
  fc.record({ type: fc.constant('have' as const), segment, pieces, backlogMs: fc.nat(0xffff) }),
  fc.record({ type: fc.constant('request' as const), segment, pieces, withinMs: ms }),
  fc.record({
    type: fc.constant('reject' as const),
    segment,
    pieces,
    reason: fc.constantFrom<RejectReason>('busy', 'absent', 'refused'),
    backlogMs: fc.nat(0xffff),
  }),
);

const injectors = fc.array(fc.record({ peer, first: fc.maxSafeNat(), count: fc.maxSafeNat() }), {
  maxLength: 8,
});
const anyEvent: fc.Arbitrary<PeerEvent> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ type: fc.constant('frame' as const), peer, frame: anyFrame }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('introduced' as const), peer, dial: fc.boolean() }) },
  {
    weight: 5,
    arbitrary: fc.record({ type: fc.constantFrom('link-open', 'link-closed', 'expelled'), peer }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('announced' as const),
      notice: fc.record({
        segment,
        bytes: fc.constantFrom(BYTES, BYTES, BYTES, 1, LIMITS.segmentBytes),
        durationMs: fc.constantFrom(2000, 0),
        injectors,
      }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('piece-arrived' as const),
      peer,
      segment: key,
      piece,
      verdict: fc.constantFrom('good', 'bad', 'spare'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('piece-progress' as const),
      peer,
      segment: key,
      piece,
      backlogMs: fc.nat(0xffff),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('piece-sent' as const), peer, segment: key, piece }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('feedback' as const),
      peer,
      feedback: fc.record({
        sentAt: ms,
        delay: fc.integer(),
        sentBytes: fc.maxSafeNat(),
        run: fc.nat(3),
      }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('misbehaved' as const), peer, what: fc.string() }) },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('origin-piece' as const), fetch: fc.nat(20), piece }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('origin-ended' as const),
      fetch: fc.nat(20),
      outcome: fc.constantFrom('ok', 'mismatch', 'failed', 'aborted'),
      bytes: fc.nat(BYTES),
      ttfbMs: ms,
      elapsedMs: ms,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('want' as const),
      want: fc.nat(1000),
      segment,
      durationMs: fc.constantFrom(2000, 0),
      deadline: ms,
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('unwant' as const), want: fc.nat(1000) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('following' as const),
      renditions: fc.subarray([rendition, 'ffffffff']),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('uploads' as const), allowed: fc.boolean() }) },
  { weight: 4, arbitrary: fc.constant<PeerEvent>({ type: 'tick' }) },
  { weight: 1, arbitrary: fc.constantFrom<PeerEvent>({ type: 'leave' }, { type: 'joined', self: 'me' }) },
);

describe('PeerCore with hostile peers', () => {
  it('F8: never throws, and sends only readable frames, for any input', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anyEvent, fc.nat(800)), { maxLength: 150 }), (events) => {
        let now = 1000;
        const core = new PeerCore({ storeBytes: 3 * BYTES, uploads: true }, now);
        core.handle({ type: 'following', renditions: [rendition] }, now);
        core.handle({ type: 'joined', self: 'me' }, now);
        for (const [event, passed] of events) {
          now += passed;
          for (const command of core.handle(event, now))
            if (command.type === 'send') encodeFrame(command.frame);
          expect(core.wakeAt === undefined || Number.isFinite(core.wakeAt)).toBe(true);
          expect(core.neighbours.length).toBeLessThanOrEqual(LIMITS.neighbours);
        }
      }),
      { numRuns: 300 },
    );
  }, 60_000);

  it('obeys its rules while a neighbour sends arbitrary bytes', () => {
    const anyBytes = fc.oneof(
      { weight: 6, arbitrary: anyFrame.map((frame) => encodeFrame(frame)) },
      { weight: 1, arbitrary: fc.uint8Array({ maxLength: 60 }) },
    );
    fc.assert(
      fc.property(
        fc.nat(2 ** 31),
        fc.array(fc.tuple(fc.nat(400), anyBytes), { minLength: 1, maxLength: 80 }),
        (seed, attack) => {
          const lab = new SwarmLab({ seed });
          lab.joinMany(3, 300);
          const hostile = lab.join({ id: 'evil' });
          lab.run(2000);
          for (const [pause, bytes] of attack) {
            for (const victim of hostile.links.peers) hostile.links.sendBytes(victim, bytes);
            lab.run(pause);
          }
          lab.run(6000);
          const honest = lab.breaches().filter((breach) => !breach.includes(' evil: '));
          expect(honest).toEqual([]);
          expect(lab.figures.stalls).toBe(0);
        },
      ),
      { numRuns: 25 },
    );
  }, 120_000);

  it('B10: a frame with a fault, or an unrequested piece, ends the link for good', () => {
    const stray: Frame = {
      type: 'piece',
      segment: { epoch: 1, rendition, msn: 9 },
      piece: 0,
      offset: 0,
      sentAt: 0,
      backlogMs: 0,
      payload: new Uint8Array(10),
    };
    for (const bytes of [Uint8Array.of(99), encodeFrame(stray)]) {
      const lab = new SwarmLab({ seed: 5 });
      const [victim] = lab.joinMany(1, 0);
      const hostile = lab.join({ id: 'evil' });
      lab.run(3000);
      expect(victim?.brain.neighbours).toEqual(['evil']);
      hostile.links.sendBytes('v01', bytes);
      lab.run(60_000);
      expect(lab.trace.lines(/v01 > hang-up/)).toEqual([expect.stringContaining('misbehaviour')]);
      expect(victim?.brain.neighbours).toEqual([]);
      expect(lab.figures.stalls).toBe(0);
    }
  });

  it('B11: more than 500 control frames a second end the link for good', () => {
    const lab = new SwarmLab({ seed: 6 });
    const [victim] = lab.joinMany(1, 0);
    const hostile = lab.join({ id: 'evil' });
    lab.run(3000);
    const cancel = encodeFrame({
      type: 'cancel',
      segment: { epoch: 1, rendition, msn: 9 },
      pieces: PieceSet.full(COUNT),
    });
    const send = (times: number) => {
      for (let i = 0; i < times; i++) hostile.links.sendBytes('v01', cancel);
      lab.run(1500);
    };
    send(400);
    expect(victim?.brain.neighbours).toEqual(['evil']);
    send(501);
    expect(victim?.brain.neighbours).toEqual([]);
    lab.run(60_000);
    expect(victim?.brain.neighbours).toEqual([]);
  });
});

describe('TrackerCore with hostile viewers', () => {
  const peers = fc.array(peer, { maxLength: LIMITS.neighbours });
  const renditions = fc.subarray([rendition, 'ffffffff']);
  const anyTold: fc.Arbitrary<TrackerEvent> = fc.oneof(
    fc.record({
      type: fc.constant('peer-joined' as const),
      peer,
      neighbours: peers,
      renditions,
      uploads: fc.boolean(),
    }),
    fc.record({ type: fc.constant('peer-left' as const), peer }),
    fc.record({
      type: fc.constant('peer-reported' as const),
      peer,
      neighbours: peers,
      renditions,
      uploads: fc.boolean(),
      seeking: fc.boolean(),
    }),
    fc.record({
      type: fc.constant('pollution-reported' as const),
      by: peer,
      peer,
      segment: key,
      piece: fc.nat(),
    }),
    fc.record({
      type: fc.constant('segment-published' as const),
      segment,
      bytes: fc.integer({ min: 1, max: LIMITS.segmentBytes }),
      durationMs: fc.constantFrom(2000, 0),
    }),
    fc.constant<TrackerEvent>({ type: 'tick' }),
  );

  it('never throws, assigns only existing pieces, and introduces both sides', () => {
    fc.assert(
      fc.property(fc.nat(), fc.array(fc.tuple(anyTold, fc.nat(4000)), { maxLength: 120 }), (seed, events) => {
        const core = new TrackerCore({ seed, maxNeighbours: 3 });
        let now = 0;
        for (const [event, passed] of events) {
          now += passed;
          for (const command of core.handle(event, now)) {
            if (command.type === 'introduce') {
              expect(command.to).not.toBe(command.peer);
              expect(core.areIntroduced(command.to, command.peer)).toBe(true);
              expect(core.areIntroduced(command.peer, command.to)).toBe(true);
            }
            if (command.type === 'announce' && event.type === 'segment-published') {
              expect(command.injectors.length).toBeLessThanOrEqual(LIMITS.injectors);
              for (const { first, count } of command.injectors)
                expect(first + count).toBeLessThanOrEqual(pieceCount(event.bytes));
            }
          }
        }
      }),
      { numRuns: 300 },
    );
  }, 60_000);
});
