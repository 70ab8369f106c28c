/** The least rewindable seconds that justify a time bar. A window of normal length is only the player's reserve. */
const WORTH_S = 90;

/** Marks the frame while the stream can be rewound, or is a recording. */
export function followWindow(video: HTMLVideoElement, frame: HTMLElement, signal: AbortSignal): void {
  const review = () => {
    frame.toggleAttribute('data-window', isRewindable(video));
  };
  for (const event of ['durationchange', 'progress', 'emptied', 'seeked'])
    video.addEventListener(event, review, { signal });
}

/** @returns whether there is enough media behind the playhead, or an end ahead of it */
export function isRewindable({
  duration,
  seekable,
}: Pick<HTMLVideoElement, 'duration'> & {
  readonly seekable: Pick<TimeRanges, 'length' | 'start' | 'end'>;
}): boolean {
  if (Number.isFinite(duration)) return true;
  const { length } = seekable;
  return length > 0 && seekable.end(length - 1) - seekable.start(0) >= WORTH_S;
}
