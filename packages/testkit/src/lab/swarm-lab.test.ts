import type { PeerBrain } from './lab-observer.ts';
import type { FetchId, PeerCommand, PeerEvent, WantId } from '@freshet/swarm';
import { segmentKey, type SegmentId } from '@freshet/protocol';
import { describe, expect, it } from 'vitest';
import { offload, originCopies } from './swarm-figures.ts';
import { SwarmLab } from './swarm-lab.ts';

/** A brain without a swarm: every want is a transfer of its own, delivered on arrival. */
class OriginOnly implements PeerBrain {
  readonly wakeAt = undefined;
  readonly neighbours: readonly string[] = [];
  readonly seeking = false;
  readonly uploading = false;
  readonly #fetches = new Map<FetchId, { readonly want: WantId; readonly segment: SegmentId }>();

  handle(event: PeerEvent): readonly PeerCommand[] {
    if (event.type === 'want') {
      this.#fetches.set(event.want, event);
      return [{ type: 'fetch', fetch: event.want, segment: event.segment }];
    }
    if (event.type !== 'origin-ended') return [];
    const done = this.#fetches.get(event.fetch);
    if (done === undefined) return [];
    const segment = segmentKey(done.segment);
    if (event.outcome !== 'ok') return [{ type: 'fail', want: done.want, segment }];
    return [{ type: 'deliver', want: done.want, segment, fetch: event.fetch }];
  }
}

const plain = (seed: number) => new SwarmLab({ seed, brain: () => new OriginOnly() });

describe('a lab with brains that use only the origin', () => {
  it('plays everything from the origin without a stall', () => {
    const lab = plain(1);
    lab.joinMany(3, 1000);
    lab.run(40_000);
    expect(lab.breaches()).toEqual([]);
    expect(lab.figures.stalls).toBe(0);
    expect(offload(lab.figures)).toBeCloseTo(0, 1);
    expect(originCopies(lab.figures)).toBeGreaterThan(2.8);
    for (const { player } of lab.viewers) {
      expect(player.isPlaying).toBe(true);
      expect(player.latencyMs).toBeGreaterThan(4000);
      expect(player.latencyMs).toBeLessThan(8200);
    }
  });

  it('stalls in an outage that outlasts the buffer, and recovers', () => {
    const lab = plain(2);
    lab.join();
    lab.run(20_000);
    lab.originOut(12_000);
    lab.run(12_000);
    expect(lab.figures.stalls).toBe(1);
    expect(lab.figures.failures).toBeGreaterThan(3);
    lab.run(5000);
    expect(lab.viewers[0]?.player.isPlaying).toBe(true);
    expect(lab.breaches()).toEqual([]);
  });

  it('repeats a run exactly under the same seed, but not under another', () => {
    const trace = (seed: number) => {
      const lab = new SwarmLab({ seed });
      lab.joinMany(4, 700);
      lab.run(8000);
      return lab.trace.lines(/./, 100_000).join('\n');
    };
    expect(trace(3)).toBe(trace(3));
    expect(trace(3)).not.toBe(trace(4));
  });
});
