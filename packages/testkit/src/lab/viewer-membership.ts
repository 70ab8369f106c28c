import type { Millis, PeerId, SegmentKey } from '@freshet/protocol';
import type { Appointment, VirtualClock, ViewerWord } from '@freshet/simulator';
import type { LabTracker, TrackerClient } from './lab-tracker.ts';

/** Reports go out at most this often. */
const REPORT_MS = 1000;
/** An unanswered or lost join is retried after this time, then after twice, four times … as long. */
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 8000;
const JOIN_TIMEOUT_MS = 5000;

/** A viewer's membership in the swarm: joins, joins again, and reports changes. */
export class ViewerMembership {
  readonly #clock: VirtualClock;
  readonly #tracker: LabTracker;
  readonly #client: TrackerClient;
  readonly #word: () => ViewerWord;
  #state: 'out' | 'joining' | 'in' | 'over' = 'out';
  #retryMs: Millis = FIRST_RETRY_MS;
  #timer: Appointment | undefined;
  #reported = '';
  #reportedAt: Millis = Number.NEGATIVE_INFINITY;
  #reportTimer: Appointment | undefined;

  constructor(
    clock: VirtualClock,
    tracker: LabTracker,
    viewer: Pick<TrackerClient, 'id' | 'heard'>,
    word: () => ViewerWord,
  ) {
    this.#clock = clock;
    this.#tracker = tracker;
    this.#client = {
      id: viewer.id,
      heard: (event) => {
        viewer.heard(event);
      },
      disconnected: (why) => {
        this.lost(why);
      },
    };
    this.#word = word;
  }

  accuse(peer: PeerId, segment: SegmentKey, piece: number): void {
    this.#tracker.pollution(this.#client, peer, segment, piece);
  }

  join(): void {
    if (this.#state !== 'out') return;
    this.#state = 'joining';
    this.#timer = this.#clock.after(JOIN_TIMEOUT_MS, () => {
      this.lost('lost');
    });
    this.#tracker.join(this.#client, this.#word(), () => {
      if (this.#state !== 'joining') return;
      this.#state = 'in';
      this.#retryMs = FIRST_RETRY_MS;
      this.#timer?.cancel();
      this.changed();
    });
  }

  /** Something in the report may have changed. */
  changed(): void {
    if (this.#state !== 'in' || this.#reportTimer !== undefined) return;
    const text = JSON.stringify(this.#word());
    if (text === this.#reported) return;
    const wait = this.#reportedAt + REPORT_MS - this.#clock.now;
    if (wait > 0) {
      this.#reportTimer = this.#clock.after(wait, () => {
        this.#reportTimer = undefined;
        this.changed();
      });
      return;
    }
    this.#reported = text;
    this.#reportedAt = this.#clock.now;
    this.#tracker.report(this.#client, this.#word());
  }

  lost(why: 'lost' | 'banned'): void {
    if (this.#state === 'over') return;
    if (why === 'banned') {
      this.#over();
      return;
    }
    this.#state = 'out';
    this.#client.heard({ type: 'tracker-lost' });
    this.#reported = '';
    this.#timer?.cancel();
    this.#timer = this.#clock.after(this.#retryMs, () => {
      this.join();
    });
    this.#retryMs = Math.min(LAST_RETRY_MS, this.#retryMs * 2);
  }

  /** Ends the membership for good: the viewer left or died. The tracker notices after `noticeMs`. */
  end(noticeMs: Millis): void {
    this.#tracker.leave(this.#client, noticeMs);
    this.#over();
  }

  #over(): void {
    this.#state = 'over';
    this.#timer?.cancel();
    this.#reportTimer?.cancel();
  }
}
