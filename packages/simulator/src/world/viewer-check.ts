import { type Millis, type PeerId, segmentKey, type SegmentKey } from '@freshet/protocol';
import type { PeerCommand, PeerEvent } from '@freshet/swarm';

/** Bounds that PeerCore states for its own queues: pieces handed to one link, and transfers from the origin. */
const MAX_IN_FLIGHT = 2;
const MAX_FETCHES = 5;
/** Breaches that are kept. The first ones explain a failure. */
const MAX_BREACHES = 20;

/** The breaches that all viewers' checks found. */
export class Breaches {
  readonly lines: string[] = [];
  count = 0;

  add(now: Millis, viewer: PeerId, what: string): void {
    this.count++;
    if (this.lines.length < MAX_BREACHES) this.lines.push(`${now.toFixed(0)} ms, ${viewer}: ${what}`);
  }
}

/**
 * Checks one viewer in any scenario: only verified segments are delivered, each request of the player is answered
 * exactly once, and its queues stay within their bounds.
 */
export class ViewerCheck {
  readonly #viewer: PeerId;
  readonly #breaches: Breaches;
  readonly #wants = new Map<number, SegmentKey>();
  readonly #inFlight = new Map<PeerId, number>();
  /**
   * Whole-segment transfers that run or succeeded. A delivery without a piece list must be based on one that succeeded.
   */
  readonly #whole = new Map<number, { readonly key: SegmentKey; ended: boolean }>();
  #fetches = 0;

  constructor(viewer: PeerId, breaches: Breaches) {
    this.#viewer = viewer;
    this.#breaches = breaches;
  }

  told(event: PeerEvent, now: Millis): void {
    switch (event.type) {
      case 'want':
        if (this.#wants.has(event.want)) this.#breaches.add(now, this.#viewer, 'two wants of one name');
        this.#wants.set(event.want, segmentKey(event.segment));
        if (this.#wants.size > 1) this.#breaches.add(now, this.#viewer, 'a want left unanswered');
        break;
      case 'unwant':
        this.#wants.delete(event.want);
        break;
      case 'piece-sent':
        this.#count(event.peer, -1);
        break;
      case 'origin-ended': {
        this.#fetches--;
        const whole = this.#whole.get(event.fetch);
        if (whole === undefined) break;
        if (event.outcome === 'ok') whole.ended = true;
        else this.#whole.delete(event.fetch);
        break;
      }
      default:
    }
  }

  decided(command: PeerCommand, now: Millis, holdsAll: (key: SegmentKey) => boolean): void {
    switch (command.type) {
      case 'recall-piece':
        this.#count(command.peer, -1);
        break;
      case 'send-piece':
        if (this.#count(command.peer, 1) > MAX_IN_FLIGHT)
          this.#breaches.add(now, this.#viewer, `too many pieces handed to the link with ${command.peer}`);
        break;
      case 'fetch':
        if (++this.#fetches > MAX_FETCHES) this.#breaches.add(now, this.#viewer, 'too many transfers');
        if (command.span === undefined)
          this.#whole.set(command.fetch, { key: segmentKey(command.segment), ended: false });
        break;
      case 'deliver':
        this.#answered(command.want, command.segment, now);
        if (!this.#rests(command, holdsAll))
          this.#breaches.add(now, this.#viewer, `delivered ${command.segment} unverified`);
        break;
      case 'fail':
        this.#answered(command.want, command.segment, now);
        break;
      default:
    }
  }

  linkClosed(peer: PeerId): void {
    this.#inFlight.delete(peer);
  }

  #answered(want: number, key: SegmentKey, now: Millis): void {
    if (this.#wants.get(want) !== key)
      this.#breaches.add(now, this.#viewer, `an answer to ${want} (${key}), which is not open`);
    this.#wants.delete(want);
  }

  #rests(
    { segment, fetch }: Extract<PeerCommand, { type: 'deliver' }>,
    holdsAll: (key: SegmentKey) => boolean,
  ): boolean {
    if (fetch === undefined) return holdsAll(segment);
    const whole = this.#whole.get(fetch);
    this.#whole.delete(fetch);
    return whole?.ended === true && whole.key === segment;
  }

  #count(peer: PeerId, change: number): number {
    const count = (this.#inFlight.get(peer) ?? 0) + change;
    this.#inFlight.set(peer, count);
    return count;
  }
}
