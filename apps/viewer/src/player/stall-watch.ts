/** For a shorter wait for data, the spinner is enough. */
const STALL_MS = 2500;

/**
 * Reports when the picture stops for lack of data, and when it moves again.
 * @returns the function that stops watching.
 */
export function watchStalls(video: HTMLVideoElement, onChange: (stalled: boolean) => void): () => void {
  const abort = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stalled = false;
  const change = (now: boolean): void => {
    if (stalled === now) return;
    stalled = now;
    onChange(now);
  };
  const wait = (): void => {
    timer ??= setTimeout(() => {
      change(true);
    }, STALL_MS);
  };
  const move = (): void => {
    clearTimeout(timer);
    timer = undefined;
    change(false);
  };
  const listen = { signal: abort.signal };
  video.addEventListener('waiting', wait, listen);
  for (const event of ['playing', 'pause', 'emptied', 'ended']) video.addEventListener(event, move, listen);
  // A seek also fires `timeupdate`, before there is anything to show.
  video.addEventListener(
    'timeupdate',
    () => {
      if (video.readyState >= video.HAVE_FUTURE_DATA) move();
    },
    listen,
  );
  return () => {
    abort.abort();
    clearTimeout(timer);
  };
}
