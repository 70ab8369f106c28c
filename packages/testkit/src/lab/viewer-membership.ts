import type { Millis, PeerId, SegmentKey } from '@freshet/protocol';
import type { PeerEvent } from '@freshet/swarm';
import type { Appointment, Member, TrackerHost, ViewerWord, VirtualClock } from '@freshet/simulator';

/** Reports go out at most this often. */
const REPORT_MS = 1000;
/** An unanswered or lost join is retried after this time, then after twice, four times … as long. */
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 8000;
const JOIN_TIMEOUT_MS = 5000;

export interface MembershipOptions {
  readonly id: PeerId;
  /** One way between viewer and tracker. */
  readonly latencyMs: Millis;
  /** The place that the server derives from its address. */
  readonly locality?: string | undefined;
  /** Receives an event for the core. */
  readonly heard: (event: PeerEvent) => void;
}

/** A viewer's membership in the swarm: joins, joins again, and reports changes. */
export class ViewerMembership {
  readonly #clock: VirtualClock;
  readonly #tracker: TrackerHost;
  readonly #member: Member;
  readonly #heard: (event: PeerEvent) => void;
  readonly #word: () => ViewerWord;
  #state: 'out' | 'joining' | 'in' | 'over' = 'out';
  #retryMs: Millis = FIRST_RETRY_MS;
  #timer: Appointment | undefined;
  #reported = '';
  #reportedAt: Millis = Number.NEGATIVE_INFINITY;
  #reportTimer: Appointment | undefined;

  constructor(clock: VirtualClock, tracker: TrackerHost, options: MembershipOptions, word: () => ViewerWord) {
    const { id, latencyMs, locality } = options;
    this.#clock = clock;
    this.#tracker = tracker;
    this.#heard = options.heard;
    this.#member = {
      id,
      wayMs: latencyMs,
      ...(locality !== undefined && { locality }),
      sendingMs: () => latencyMs,
      heard: (events) => {
        for (const event of events) {
          if (event.type === 'joined') this.#joined();
          this.#heard(event);
        }
      },
      disconnected: (banned) => {
        this.#lost(banned);
      },
    };
    this.#word = word;
  }

  accuse(peer: PeerId, segment: SegmentKey, piece: number): void {
    this.#tracker.accuse(this.#member, peer, segment, piece);
  }

  join(): void {
    if (this.#state !== 'out') return;
    this.#state = 'joining';
    this.#timer = this.#clock.after(JOIN_TIMEOUT_MS, () => {
      this.#lost(false);
    });
    this.#tracker.join(this.#member, this.#word());
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
    this.#tracker.report(this.#member, this.#word());
  }

  /** Ends the membership for good: the viewer left or died. The tracker notices after `noticeMs`. */
  end(noticeMs: Millis): void {
    this.#tracker.leave(this.#member, noticeMs);
    this.#over();
  }

  #joined(): void {
    if (this.#state !== 'joining') return;
    this.#state = 'in';
    this.#retryMs = FIRST_RETRY_MS;
    this.#timer?.cancel();
    this.changed();
  }

  #lost(banned: boolean): void {
    if (this.#state === 'over') return;
    if (banned) {
      this.#over();
      return;
    }
    this.#state = 'out';
    this.#heard({ type: 'tracker-lost' });
    this.#reported = '';
    this.#timer?.cancel();
    this.#timer = this.#clock.after(this.#retryMs, () => {
      this.join();
    });
    this.#retryMs = Math.min(LAST_RETRY_MS, this.#retryMs * 2);
  }

  #over(): void {
    this.#state = 'over';
    this.#timer?.cancel();
    this.#reportTimer?.cancel();
  }
}
