import type { ServerResponse } from 'node:http';
import type { Release } from '../guard/prefix-share.ts';
import type { LiveStream } from '../stream/live-stream.ts';

/**
 * Waits until a player can start on this stream, at most `waitMs`, and not after the client is gone.
 * @param takePlace takes a place among the held requests; without one, does not wait
 * @returns whether a player can start
 */
export async function awaitStart(
  stream: LiveStream,
  waitMs: number,
  response: ServerResponse,
  takePlace: () => Release | undefined,
): Promise<boolean> {
  if (stream.playable) return true;
  const release = response.destroyed ? undefined : takePlace();
  if (release === undefined) return stream.recentSegments(1).length > 0;
  try {
    return await started(stream, waitMs, response);
  } finally {
    release();
  }
}

function started(stream: LiveStream, waitMs: number, response: ServerResponse): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = () => {
      clearTimeout(timer);
      stream.off('segment', look);
      stream.off('state', look);
      response.off('close', settle);
      // A rendition may be late or dead; a player can still start with one segment of any rendition.
      resolve(stream.playable || stream.recentSegments(1).length > 0);
    };
    const look = () => {
      if (stream.playable) settle();
    };
    const timer = setTimeout(settle, waitMs);
    stream.on('segment', look);
    stream.on('state', look);
    response.once('close', settle);
  });
}
