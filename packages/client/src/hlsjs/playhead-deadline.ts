import type { Millis } from '@freshet/protocol';

/** What a deadline is reckoned from; a media element is one. */
export interface PlayheadMedia {
  readonly currentTime: number;
  readonly playbackRate: number;
  readonly buffered: Pick<TimeRanges, 'length' | 'start' | 'end'>;
}

/** Less than this buffered ahead of the playhead is nothing; and so far off a range the playhead still counts as in it. */
const NOTHING_SECONDS = 0.1;

/**
 * When the playhead reaches `mediaStart` (seconds on the element's timeline). At once when there is nothing to play
 * meanwhile: before the start, after a seek, in a stall. A paused viewer may go on at any moment, so that pausing
 * gives no time.
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
