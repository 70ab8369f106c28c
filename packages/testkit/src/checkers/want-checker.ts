import { type Millis, segmentKey, type SegmentKey } from '@freshet/protocol';
import type { FetchId, PeerCommand, PeerEvent, WantId } from '@freshet/swarm';
import type { ObservedViewer } from '../lab/lab-observer.ts';
import { Checker, PerViewer } from './checker.ts';

interface Want {
  readonly key: SegmentKey;
  readonly at: Millis;
  deadline: Millis;
  /** Whether it was already found to be late. */
  judged: boolean;
}
interface Desk {
  readonly open: Map<WantId, Want>;
  /**
   * Whole-segment transfers that run, and those that succeeded: an unverified delivery must be based on one of the
   * latter.
   */
  readonly whole: Map<FetchId, SegmentKey>;
  readonly ended: Map<FetchId, SegmentKey>;
}

/** A core may still back off for this long after an outage. */
const BACK_OFF_MS = 3000;

export interface WantRules {
  /** Whether the origin could serve the segment at every moment between two times. */
  readonly originServed: (key: SegmentKey, from: Millis, to: Millis) => boolean;
  /** The longest time that the origin needs for a whole segment. */
  readonly originNeedsMs: Millis;
}

/**
 * Every request of the player is answered exactly once unless it is withdrawn, by a segment that has really arrived.
 * While the origin serves, the answer comes before the deadline, or as soon as the origin can deliver if the deadline
 * is too short.
 */
export class WantChecker extends Checker {
  readonly #rules: WantRules;
  readonly #desks = new PerViewer<Desk>(() => ({ open: new Map(), whole: new Map(), ended: new Map() }));

  constructor(rules: WantRules) {
    super();
    this.#rules = rules;
  }

  told(viewer: ObservedViewer, event: PeerEvent, now: Millis): void {
    const { open, whole, ended } = this.#desks.of(viewer);
    if (event.type === 'want')
      open.set(event.want, {
        key: segmentKey(event.segment),
        at: now,
        deadline: event.deadline,
        judged: false,
      });
    else if (event.type === 'unwant') open.delete(event.want);
    else if (event.type === 'deadline') {
      const want = open.get(event.want);
      if (want !== undefined) want.deadline = event.deadline;
    } else if (event.type === 'origin-ended') {
      const key = whole.get(event.fetch);
      whole.delete(event.fetch);
      if (key !== undefined && (event.outcome === 'ok' || event.outcome === 'mismatch'))
        ended.set(event.fetch, key);
    }
  }

  decided(viewer: ObservedViewer, command: PeerCommand, now: Millis): void {
    const { open, whole, ended } = this.#desks.of(viewer);
    if (command.type === 'fetch' && command.span === undefined)
      whole.set(command.fetch, segmentKey(command.segment));
    if (command.type !== 'deliver' && command.type !== 'fail') return;
    const want = open.get(command.want);
    open.delete(command.want);
    if (want === undefined) this.breach(viewer, now, `${command.type} of ${command.want}, which is not open`);
    else if (want.key !== command.segment)
      this.breach(viewer, now, `${command.type} of ${command.segment} for a want of ${want.key}`);
    else this.#judge(viewer, want, now);
    if (command.type === 'fail') return;
    if (command.fetch === undefined) {
      if (!viewer.holdsAll(command.segment))
        this.breach(viewer, now, `deliver of ${command.segment}, which is not complete`);
    } else if (ended.get(command.fetch) !== command.segment)
      this.breach(viewer, now, `deliver from fetch ${command.fetch}, which did not bring ${command.segment}`);
  }

  settled(viewer: ObservedViewer, now: Millis): void {
    for (const want of this.#desks.of(viewer).open.values()) this.#judge(viewer, want, now);
  }

  left(viewer: ObservedViewer): void {
    this.#desks.delete(viewer);
  }

  override finish(now: Millis): void {
    for (const [viewer, { open }] of this.#desks)
      for (const want of open.values()) this.#judge(viewer, want, now);
  }

  #judge(viewer: ObservedViewer, want: Want, now: Millis): void {
    const due = Math.max(want.deadline, want.at + this.#rules.originNeedsMs);
    if (want.judged || now <= due || !this.#rules.originServed(want.key, want.at - BACK_OFF_MS, due)) return;
    want.judged = true;
    this.breach(
      viewer,
      now,
      `want of ${want.key} at ${want.at.toFixed(0)} was due at ${due.toFixed(0)}, and the origin served all the time`,
    );
  }
}
