import type { Millis, PeerId } from '@freshet/protocol';
import type { Feedback } from '../api/peer-event.ts';
import { BaseDelay } from './base-delay.ts';

/** The first rate: 256 kbit/s, in bytes a millisecond. Nearly every line carries it, and it grows within a second. */
const FIRST_RATE = 32;
/** The lowest rate, below which nothing could be measured: 64 kbit/s. */
const LEAST_RATE = 8;
/** The target of the modem's queue. A lower one leaves the line idle between time stamps, a higher disturbs a call. */
const TARGET_MS = 12;
const TARGET_BYTES = 800;
/** How fast a queue returns to the target: in this time, or in this many round trips if that is longer. */
const SETTLE_MS = 300;
const SETTLE_ROUND_TRIPS = 2;
/** Bounds of the pace, as multiples of the line's capacity. */
const LEAST_GAIN = 0.3;
const MOST_GAIN = 1.05;
/**
 * A line that carries the whole pace without a queue may carry much more, for example when a queue of other traffic
 * ended the start phase: after a few such samples each further one adds to the gain.
 */
const PROBE_AFTER = 3;
const PROBE_STEP = 0.05;
const MOST_PROBE = 0.2;
/** A sample is full when its throughput is at least this share of the assumed capacity. */
const FULL_SHARE = 0.9;
/** In the start phase the pace grows by this factor with each sample. */
const START_GAIN = 1.5;
/** A queue of this length ends the start phase. */
const START_QUEUE_MS = 25;
/** The shortest span of a throughput sample: a shorter one measures the timers of the two pages. */
const SPAN_MS = 200;
const START_SPAN_MS = 100;
/** The weight of a new sample in the estimate of the capacity. */
const WEIGHT = 0.4;
/** How long a link's measurement of the queue is valid: the queue changes. */
const RECENT_MS = 120;
/** A new link's base delay relies on another link's measurement that is at most this old, of a queue this short. */
const LAST_MS = 1000;
const TRUST_QUEUE_MS = 25;
/** How often the queue of a line that is never idle is drained, so that the base delay stays known. */
const DRAIN_EVERY_MS = 10_000;
const DRAIN_GAIN = 0.5;
const DRAIN_MS = 200;
/** A shorter queue counts as empty. */
const EMPTY_MS = 4;

interface Sample extends Feedback {
  readonly queueMs: Millis;
}

interface Path {
  readonly base: BaseDelay;
  /** Its base delay is known. Otherwise it is a guess, which is used when no link has a known one. */
  isTrusted: boolean;
  /** Its last frame waited for its own window, which makes its time in the queue less exact. */
  isHeld: boolean;
  queueMs: Millis;
  at: Millis;
}

/**
 * The pace of sent pieces, over all links together, since all share one modem: as fast as the line carries them, with
 * hardly a queue. Delay-based: a queue on this viewer's line delays the packets of all links, so the queue is the least
 * excess over their base delays. While there is a queue, the throughput by time stamps is the line's capacity.
 * After BBR (capacity from dispersion) and LEDBAT (RFC 6817: base delay, target); docs/decisions/0013-pace-by-delay.md.
 */
export class UplinkControl {
  readonly #paths = new Map<PeerId, Path>();
  #capacity = FIRST_RATE;
  #pace = FIRST_RATE;
  #starting = true;
  /** Full samples without a queue, in a row. */
  #clear = 0;
  #measured = false;
  #isQueued = false;
  #anchor: Sample | undefined;
  #emptyAt: Millis;
  #drainUntil: Millis = Number.NEGATIVE_INFINITY;

  constructor(now: Millis) {
    this.#emptyAt = now;
  }

  /** Bytes a millisecond. */
  get pace(): number {
    return this.#pace;
  }

  /** Bytes of pieces a millisecond that the line carries, as far as it was used; undefined until measured. */
  get capacity(): number | undefined {
    return this.#measured ? this.#capacity : undefined;
  }

  /** Whether there is a queue and the line carries less than this rate, in bytes a millisecond. */
  isQueuedBelow(rate: number): boolean {
    return this.#capacity < rate && this.#isQueued;
  }

  feedback(peer: PeerId, feedback: Feedback, now: Millis): void {
    const { sentAt, delay, heldMs = 0 } = feedback;
    const path = this.#pathOf(peer, delay, now);
    // The wait for its own window is no wait for the line.
    path.queueMs = Math.max(0, path.base.excess(delay, now) - heldMs);
    path.isHeld = heldMs > 0;
    path.at = now;
    const queueMs = this.#queueMs(now);
    if (!Number.isFinite(queueMs)) return;
    this.#isQueued = queueMs >= this.#targetMs;
    if (heldMs === 0) this.#sample({ ...feedback, queueMs });
    this.#drain(queueMs, now);
    this.#steer(queueMs, Math.max(0, now - sentAt), now);
  }

  closed(peer: PeerId): void {
    this.#paths.delete(peer);
  }

  /** The queue on this viewer's own line: a queue elsewhere delays one link only. */
  #queueMs(now: Millis): Millis {
    let known = Number.POSITIVE_INFINITY;
    let guessed = Number.POSITIVE_INFINITY;
    for (const { queueMs, at, isTrusted, isHeld } of this.#paths.values()) {
      if (now - at > RECENT_MS) continue;
      if (isTrusted && !isHeld) known = Math.min(known, queueMs);
      else guessed = Math.min(guessed, queueMs);
    }
    return known < Number.POSITIVE_INFINITY ? known : guessed;
  }

  #pathOf(peer: PeerId, delay: Millis, now: Millis): Path {
    let path = this.#paths.get(peer);
    if (path?.isTrusted === true) return path;
    const known = this.#lastTrusted(now);
    if (path === undefined) {
      // The queue may have shrunk since. An overestimate lets it drain, after which the other link measures it better.
      const base = new BaseDelay(delay - (known?.queueMs ?? 0), now);
      path = { base, isTrusted: known === undefined, isHeld: false, queueMs: 0, at: now };
      this.#paths.set(peer, path);
    }
    // A link that opens during a queue must not take it for base delay: another link knows the length of the queue.
    if (known !== undefined && known.queueMs <= TRUST_QUEUE_MS) {
      path.base.restart(delay - known.queueMs, now);
      path.isTrusted = true;
    }
    return path;
  }

  /** The trusted link with the latest measurement of the queue. */
  #lastTrusted(now: Millis): Path | undefined {
    let last: Path | undefined;
    for (const path of this.#paths.values())
      if (path.isTrusted && now - path.at <= LAST_MS && path.at > (last?.at ?? Number.NEGATIVE_INFINITY))
        last = path;
    return last;
  }

  #sample(newest: Sample): void {
    const before = this.#anchor;
    if (before?.run !== newest.run || newest.sentAt < before.sentAt) {
      this.#anchor = newest;
      return;
    }
    const sentMs = newest.sentAt - before.sentAt;
    if (sentMs < (this.#starting ? START_SPAN_MS : SPAN_MS)) return;
    this.#anchor = newest;
    const arrivedMs = Math.max(sentMs / 2, sentMs + newest.queueMs - before.queueMs);
    const throughput = (newest.sentBytes - before.sentBytes) / arrivedMs;
    if (this.#starting) {
      this.#starting = newest.queueMs < START_QUEUE_MS;
      this.#capacity = this.#starting ? Math.max(this.#capacity, throughput) : throughput;
    } else {
      if (this.#isQueued) this.#clear = 0;
      else if (throughput >= FULL_SHARE * this.#capacity) this.#clear++;
      if (this.#isQueued || throughput > this.#capacity)
        this.#capacity += WEIGHT * (throughput - this.#capacity);
    }
    this.#capacity = Math.max(LEAST_RATE, this.#capacity);
    this.#measured = true;
  }

  /** Longer on a line so slow that a single packet takes long. */
  get #targetMs(): Millis {
    return Math.max(TARGET_MS, TARGET_BYTES / this.#capacity);
  }

  #drain(queueMs: Millis, now: Millis): void {
    if (queueMs < EMPTY_MS) this.#emptyAt = now;
    else if (now - this.#emptyAt >= DRAIN_EVERY_MS) {
      this.#emptyAt = now;
      this.#drainUntil = now + DRAIN_MS + queueMs / DRAIN_GAIN;
    }
  }

  #steer(queueMs: Millis, roundTripMs: Millis, now: Millis): void {
    const settleMs = Math.max(SETTLE_MS, SETTLE_ROUND_TRIPS * roundTripMs);
    const probe = Math.min(MOST_PROBE, PROBE_STEP * Math.max(0, this.#clear - PROBE_AFTER));
    const most = this.#starting ? START_GAIN : now < this.#drainUntil ? DRAIN_GAIN : MOST_GAIN + probe;
    const wished =
      this.#starting && queueMs < START_QUEUE_MS
        ? START_GAIN
        : 1 + probe + (this.#targetMs - queueMs) / settleMs;
    const gain = Math.min(most, Math.max(LEAST_GAIN, wished));
    this.#pace = Math.max(LEAST_RATE, this.#capacity * gain);
  }
}
