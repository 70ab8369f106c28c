import type { LiveStream } from '../stream/live-stream.ts';

/**
 * Waits until a player can start on this stream, at most `waitMs`.
 * @param signal ends the wait early, when the client is gone
 * @returns whether a player can start
 */
export function awaitStart(stream: LiveStream, waitMs: number, signal: AbortSignal): Promise<boolean> {
  if (stream.playable || signal.aborted) return Promise.resolve(stream.playable);
  return new Promise((resolve) => {
    const settle = () => {
      clearTimeout(timer);
      stream.off('segment', look);
      stream.off('state', look);
      signal.removeEventListener('abort', settle);
      // A rendition may be late or dead; a player can still start with one segment of any rendition.
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
