import type { Millis } from '@freshet/protocol';

/** The input for a deadline; a media element fits. */
export interface PlayheadMedia {
  readonly currentTime: number;
  readonly playbackRate: number;
  readonly buffered: Pick<TimeRanges, 'length' | 'start' | 'end'>;
}

/** A shorter buffer ahead of the playhead counts as empty. A playhead this close to a range counts as inside it. */
const NOTHING_SECONDS = 0.1;

/**
 * When the playhead reaches `mediaStart` (seconds on the element's timeline). At once when there is nothing to play
 * until then: before the start, after a seek, in a stall. A paused viewer may resume at any moment, so a pause gives no
 * time.
 */
export function playheadDeadline(media: PlayheadMedia, mediaStart: number, now: Millis): Millis {
  const { currentTime, playbackRate, buffered } = media;
  for (let i = 0; i < buffered.length; i++) {
    if (buffered.start(i) > currentTime + NOTHING_SECONDS) continue;
    if (buffered.end(i) <= currentTime + NOTHING_SECONDS) continue;
    const rate = playbackRate > 0 ? playbackRate : 1;
    return now + Math.max(0, ((mediaStart - currentTime) / rate) * 1000);
  }
  return now;
}
