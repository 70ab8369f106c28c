import { type Millis, type RenditionId, type SegmentId, setBounded } from '@freshet/protocol';
import type { PlaylistEdge } from './playlist-edge.ts';
import type { Clock, Timer } from '../util/clock.ts';

/** Renditions that are remembered. The oldest is dropped. */
const MAX_RENDITIONS = 64;

interface Newest {
  readonly segment: SegmentId;
  readonly at: Millis;
}

/**
 * Schedules playlist reloads by the tracker's announcements instead of by polling. A reload that would bring nothing
 * new is held until the next announcement of its rendition, for at most one target duration, and only while the tracker
 * is connected.
 */
export class ReloadScheduler {
  readonly #clock: Clock;
  readonly #newest = new Map<RenditionId, Newest>();
  /** The last answer for each kind of playlist. Another playlist of that kind means a switch, which is never held. */
  readonly #answered = new Map<string, { readonly url: string; readonly edge: PlaylistEdge | undefined }>();
  readonly #waiting = new Map<() => void, RenditionId>();
  #connected = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether announcements arrive. Without them nothing is held. */
  set connected(connected: boolean) {
    this.#connected = connected;
    if (!connected) for (const release of [...this.#waiting.keys()]) release();
  }

  announced(segment: SegmentId): void {
    const { rendition } = segment;
    const before = this.#newest.get(rendition);
    // Announced again with other injectors: the playlist has not changed.
    if (before?.segment.epoch === segment.epoch && before.segment.msn === segment.msn) return;
    if (before === undefined || isAfter(segment, before.segment)) {
      setBounded(this.#newest, rendition, { segment, at: this.#clock() }, MAX_RENDITIONS);
    }
    for (const [release, waitsFor] of [...this.#waiting]) if (waitsFor === rendition) release();
  }

  answered(kind: string, url: string, edge: PlaylistEdge | undefined): void {
    this.#answered.set(kind, { url, edge });
  }

  /** @returns when the playlist's last segment was announced; undefined when another one was announced last. */
  publishedAt(edge: PlaylistEdge): Millis | undefined {
    const newest = this.#newest.get(edge.segment.rendition);
    const same = newest?.segment.epoch === edge.segment.epoch && newest.segment.msn === edge.segment.msn;
    return this.#connected && same ? newest.at : undefined;
  }

  /**
   * Calls `resume` when the reload is worth making, and never after the returned function was called.
   * @returns undefined when the reload is worth making now.
   */
  hold(kind: string, url: string, resume: () => void): (() => void) | undefined {
    const last = this.#answered.get(kind);
    if (!this.#connected || last?.url !== url || last.edge === undefined) return undefined;
    const { segment, targetDurationMs } = last.edge;
    const newest = this.#newest.get(segment.rendition);
    if (newest === undefined || isAfter(newest.segment, segment)) return undefined;
    const cancel = () => {
      clearTimeout(timer);
      this.#waiting.delete(release);
    };
    const release = () => {
      cancel();
      resume();
    };
    const timer: Timer = setTimeout(release, targetDurationMs);
    this.#waiting.set(release, segment.rendition);
    return cancel;
  }
}

function isAfter(a: SegmentId, b: SegmentId): boolean {
  return a.epoch !== b.epoch ? a.epoch > b.epoch : a.msn > b.msn;
}
