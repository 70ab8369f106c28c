import type { Millis, PeerId } from '@freshet/protocol';
import { BaseDelay } from './base-delay.ts';

/** Before anything is known: 256 kbit/s, in bytes a millisecond. Nearly every line carries it, and it grows within a second. */
const FIRST_RATE = 32;
/** Never less, or nothing would be measured any more: 64 kbit/s. */
const LEAST_RATE = 8;
/** What the modem's queue is held at. Lower leaves the line idle between two time stamps, higher disturbs a call. */
const TARGET_MS = 12;
const TARGET_BYTES = 800;
/** How fast a queue is brought back to the target: in this time, or in this many round trips. */
const SETTLE_MS = 300;
const SETTLE_ROUND_TRIPS = 2;
/** Bounds of the pace, as parts of what the line carries. */
const LEAST_GAIN = 0.3;
const MOST_GAIN = 1.05;
/**
 * A line that carries the whole pace without a queue may carry much more, as when another's queue ended the start: after
 * a few such samples each adds to the gain.
 */
const PROBE_AFTER = 3;
const PROBE_STEP = 0.05;
const MOST_PROBE = 0.2;
/** A sample is full when its throughput is this part of what the line is taken to carry. */
const FULL_SHARE = 0.9;
/** Until the line is found, the pace grows by this factor with each sample. */
const START_GAIN = 1.5;
/** A queue of this length ends that. */
const START_QUEUE_MS = 25;
/** A sample of the throughput spans at least this time: a shorter one measures the two pages' timers. */
const SPAN_MS = 200;
const START_SPAN_MS = 100;
/** Of a new sample, in the estimate of what the line carries. */
const WEIGHT = 0.4;
/** A link's word on the queue counts this long: an older one tells of a queue that has changed since. */
const RECENT_MS = 120;
/** For a new link's base delay another link's word counts this long, while the queue that it tells of is this short. */
const LAST_MS = 1000;
const TRUST_QUEUE_MS = 25;
/** A line that never falls idle has its queue drained this often, so that the base delay stays known. */
const DRAIN_EVERY_MS = 10_000;
const DRAIN_GAIN = 0.5;
const DRAIN_MS = 200;
/** The queue counts as empty below this. */
const EMPTY_MS = 4;

/** How pieces arrived at a neighbour, as it says, together with what the host noted when it sent them. */
export interface Feedback {
  /** When the frame left that took least since the last feedback, on this viewer's clock. */
  readonly sentAt: Millis;
  /** How long it was under way, against a zero point that is the link's own. */
  readonly delay: Millis;
  /** Bytes of pieces that had left by `sentAt`, over all links. */
  readonly sentBytes: number;
  /** Grows when the pacer had nothing to send for a while: throughput is measured within one run only. */
  readonly run: number;
  /** How long the frame waited in its channel, whose congestion window was full; 0 or none: not at all. */
  readonly heldMs?: Millis;
}

interface Sample extends Feedback {
  readonly queueMs: Millis;
}

interface Path {
  readonly base: BaseDelay;
  /** Its base delay is known; else that is a guess, which counts where nothing better does. */
  isTrusted: boolean;
  /** Its last frame waited for its own window: how long it waited for the line is known less exactly. */
  isHeld: boolean;
  queueMs: Millis;
  at: Millis;
}

/**
 * The pace at which pieces leave, over all links together, since all share one modem: as fast as the line carries them,
 * with hardly a queue. Delay-based: what queues on this viewer's line delays the packets of all links, so the queue is the
 * least excess over their base delays. While there is one, the throughput that time stamps tell is the line's capacity.
 * After BBR (capacity from dispersion) and LEDBAT (RFC 6817: base delay, target); docs/decisions/0013-pace-by-delay.md.
 */
export class UplinkControl {
  readonly #paths = new Map<PeerId, Path>();
  #capacity = FIRST_RATE;
  #pace = FIRST_RATE;
  #starting = true;
  /** Samples in a row that were full and met no queue. */
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

  /** What the line carries of pieces, in bytes a millisecond, as far as it was needed; undefined until measured. */
  get capacity(): number | undefined {
    return this.#measured ? this.#capacity : undefined;
  }

  /** Whether a queue stands although the line carries less than this of pieces, in bytes a millisecond. */
  isQueuedBelow(rate: number): boolean {
    return this.#capacity < rate && this.#isQueued;
  }

  feedback(peer: PeerId, feedback: Feedback, now: Millis): void {
    const { sentAt, delay, heldMs = 0 } = feedback;
    const path = this.#pathOf(peer, delay, now);
    // What waited for its own window did not wait for the line.
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

  /** On this viewer's own line: a queue elsewhere delays one link alone. */
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
      // The queue may have shrunk since: taken for longer than it is, it drains, and the other link can tell better.
      const base = new BaseDelay(delay - (known?.queueMs ?? 0), now);
      path = { base, isTrusted: known === undefined, isHeld: false, queueMs: 0, at: now };
      this.#paths.set(peer, path);
    }
    // A link that opens while a queue stands must not take it for its base delay: another link knows how long it is.
    if (known !== undefined && known.queueMs <= TRUST_QUEUE_MS) {
      path.base.restart(delay - known.queueMs, now);
      path.isTrusted = true;
    }
    return path;
  }

  /** The link that last told of the queue, and knows. */
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

  /** Longer where a single packet takes its time. */
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
