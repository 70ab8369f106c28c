import type { Millis, RenditionId, SegmentId } from '@freshet/protocol';
import type { PlaylistEdge } from './playlist-edge.ts';
import { setBounded } from '../util/bounded-map.ts';
import type { Clock, Timer } from '../util/clock.ts';

/** Renditions remembered; the oldest goes. */
const MAX_RENDITIONS = 64;

interface Newest {
  readonly segment: SegmentId;
  readonly at: Millis;
}

/**
 * Schedules playlist reloads by the tracker's announcements instead of by polling. A reload that would bring nothing new
 * waits for the next announcement of its rendition, for one target duration, or for the loss of the tracker.
 */
export class ReloadScheduler {
  readonly #clock: Clock;
  readonly #newest = new Map<RenditionId, Newest>();
  /** Per kind of playlist, what was answered last. Another playlist of that kind means a switch: never held. */
  readonly #answered = new Map<string, { readonly url: string; readonly edge: PlaylistEdge | undefined }>();
  readonly #waiting = new Map<() => void, RenditionId>();
  #connected = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether announcements come in. Without them nothing is held. */
  set connected(connected: boolean) {
    this.#connected = connected;
    if (!connected) for (const release of [...this.#waiting.keys()]) release();
  }

  announced(segment: SegmentId): void {
    const { rendition } = segment;
    const before = this.#newest.get(rendition);
    // Announced again, with other injectors: no news for a playlist.
    if (before?.segment.epoch === segment.epoch && before.segment.msn === segment.msn) return;
    if (before === undefined || isAfter(segment, before.segment)) {
      setBounded(this.#newest, rendition, { segment, at: this.#clock() }, MAX_RENDITIONS);
    }
    for (const [release, waitsFor] of [...this.#waiting]) if (waitsFor === rendition) release();
  }

  answered(kind: string, url: string, edge: PlaylistEdge | undefined): void {
    this.#answered.set(kind, { url, edge });
  }

  /** @returns when the newest segment of the playlist was announced; undefined when the announcements say otherwise. */
  publishedAt(edge: PlaylistEdge): Millis | undefined {
    const newest = this.#newest.get(edge.segment.rendition);
    const same = newest?.segment.epoch === edge.segment.epoch && newest.segment.msn === edge.segment.msn;
    return this.#connected && same ? newest.at : undefined;
  }

  /**
   * Calls `resume` when the reload is worth making. Calls nothing after the returned function was called.
   * @returns undefined when it is worth making now.
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
