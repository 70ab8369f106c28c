import type { LiveStream } from '../stream/live-stream.ts';

/**
 * Waits until a player may start on this stream, at most `waitMs`.
 * @param signal ends the waiting early: nobody listens any more
 * @returns whether it may
 */
export function awaitStart(stream: LiveStream, waitMs: number, signal: AbortSignal): Promise<boolean> {
  if (stream.playable || signal.aborted) return Promise.resolve(stream.playable);
  return new Promise((resolve) => {
    const settle = () => {
      clearTimeout(timer);
      stream.off('segment', look);
      stream.off('state', look);
      signal.removeEventListener('abort', settle);
      // Some rendition may be late or dead; with one segment of any a player can start all the same.
      resolve(stream.playable || stream.recentSegments(1).length > 0);
    };
    const look = () => {
      if (stream.playable) settle();
    };
    const timer = setTimeout(settle, waitMs);
    stream.on('segment', look);
    stream.on('state', look);
    signal.addEventListener('abort', settle);
  });
}
