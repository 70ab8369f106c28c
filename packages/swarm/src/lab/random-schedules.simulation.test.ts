import { type LabViewer, type Serving, storySeed, SwarmLab } from '@freshet/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

/** An event in a swarm. `pick` selects one of the present viewers. */
type Step =
  | { readonly do: 'run'; readonly ms: number }
  | { readonly do: 'join'; readonly uplinkKbps: number; readonly uploads: boolean; readonly serving: Serving }
  | { readonly do: 'leave' | 'kill' | 'reload'; readonly pick: number }
  | { readonly do: 'uploads'; readonly pick: number; readonly allowed: boolean }
  | { readonly do: 'origin out' | 'tracker silent' | 'restart' | 'divide'; readonly ms: number };

const pick = fc.nat(30);
const ms = fc.integer({ min: 100, max: 8000 });
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('run' as const), ms }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('join' as const),
      uplinkKbps: fc.constantFrom(50, 300, 1000, 10_000),
      uploads: fc.boolean(),
      serving: fc.constantFrom<Serving>('honest', 'honest', 'honest', 'silent', 'polluting'),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('leave', 'kill', 'reload'), pick }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('uploads' as const), pick, allowed: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom('origin out', 'tracker silent', 'restart', 'divide'), ms }),
  },
);

const anySchedule = fc.record({
  seed: fc.nat(2 ** 31),
  dialFailures: fc.constantFrom(0, 0, 0.3),
  storeBytes: fc.constantFrom(300_000, 64 * 2 ** 20),
  uploadLimitKbps: fc.constantFrom(undefined, 300, 2000),
  steps: fc.array(anyStep, { minLength: 4, maxLength: 30 }),
});

function play(schedule: typeof anySchedule extends fc.Arbitrary<infer T> ? T : never): SwarmLab {
  const { seed, dialFailures, storeBytes, uploadLimitKbps, steps } = schedule;
  const lab = new SwarmLab({
    seed,
    network: { dialFailures },
    policy: uploadLimitKbps === undefined ? {} : { uploadLimitKbps },
  });
  lab.joinMany(4, 500, { storeBytes });
  for (const step of steps) take(lab, step, storeBytes);
  lab.run(20_000);
  return lab;
}

function take(lab: SwarmLab, step: Step, storeBytes: number): void {
  const here = lab.viewers.filter((viewer) => !viewer.isGone);
  const chosen = (at: number): LabViewer | undefined => here[at % Math.max(1, here.length)];
  switch (step.do) {
    case 'run':
      lab.run(step.ms);
      break;
    case 'join': {
      const { uplinkKbps, uploads, serving } = step;
      if (here.length < 10) lab.join({ uplinkKbps, uploads, serving, storeBytes });
      break;
    }
    case 'leave':
      chosen(step.pick)?.leave();
      break;
    case 'kill':
      chosen(step.pick)?.kill(3000);
      break;
    case 'reload':
      chosen(step.pick)?.player.restartLoading();
      break;
    case 'uploads':
      chosen(step.pick)?.setUploads(step.allowed);
      break;
    case 'origin out':
      lab.originOut(step.ms);
      break;
    case 'tracker silent':
      lab.trackerSilent(step.ms);
      break;
    case 'restart':
      lab.restartServer(step.ms);
      break;
    case 'divide':
      lab.divide(
        [
          here.map(({ id }) => id).filter((_, i) => i % 2 === 0),
          here.map(({ id }) => id).filter((_, i) => i % 2 === 1),
        ],
        step.ms,
      );
      break;
  }
}

describe('a swarm under random events', () => {
  it('breaks no rule that the checkers verify, and ends with every viewer playing', () => {
    fc.assert(
      fc.property(anySchedule, (schedule) => {
        const lab = play(schedule);
        expect(lab.breaches()).toEqual([]);
        const stuck = lab.viewers.filter((viewer) => !viewer.isGone && !viewer.player.isPlaying);
        expect(stuck.map(({ id }) => id)).toEqual([]);
      }),
      // Takes about ten seconds. A failure prints its seed and the shrunk schedule: make that a named test.
      { numRuns: 40, ...storySeed() },
    );
  }, 120_000);

  it('delivers a segment that was completed in a full store before it forgets the segment', () => {
    const lab = new SwarmLab({ seed: 0 });
    const storeBytes = 300_000;
    const [first] = lab.joinMany(4, 500, { storeBytes });
    lab.join({ uplinkKbps: 50, uploads: false, storeBytes });
    first?.kill(3000);
    lab.run(20_000);
    expect(lab.breaches()).toEqual([]);
    expect(lab.figures.stalls).toBe(0);
  });

  it('does not wait for ever for a segment of a restarted server when no viewer has one of its pieces', () => {
    const lab = new SwarmLab({ seed: 0 });
    lab.joinMany(4, 500);
    lab.join({ uplinkKbps: 50 });
    lab.run(10_613);
    lab.restartServer(100);
    lab.run(20_100);
    expect(lab.breaches()).toEqual([]);
    for (const { player } of lab.viewers) {
      expect(player.isPlaying).toBe(true);
      expect(player.stalledMs).toBeLessThan(8000);
    }
  });

  it('answers a request once when the segment is forgotten and held again while the piece is leaving', () => {
    const lab = play({
      seed: 545599477,
      dialFailures: 0.3,
      storeBytes: 300_000,
      uploadLimitKbps: 300,
      steps: [
        { do: 'uploads', pick: 26, allowed: false },
        { do: 'leave', pick: 5 },
        { do: 'run', ms: 6979 },
        { do: 'run', ms: 5783 },
        { do: 'join', uplinkKbps: 50, uploads: false, serving: 'honest' },
        { do: 'leave', pick: 0 },
        { do: 'origin out', ms: 7518 },
        { do: 'join', uplinkKbps: 300, uploads: true, serving: 'honest' },
        { do: 'join', uplinkKbps: 50, uploads: false, serving: 'honest' },
      ],
    });
    expect(lab.breaches()).toEqual([]);
  });
});
