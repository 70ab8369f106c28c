import type { ServerResponse } from 'node:http';
import type { StreamName } from '@freshet/protocol';
import type { BodyAnswer } from './body-answer.ts';

/** Counts the body bytes that the operating system accepted, including those of cut transfers. */
export interface OriginBytes {
  add(stream: StreamName, kind: OriginBytesKind, bytes: number): void;
}

export type OriginBytesKind = 'segment' | 'playlist' | 'init' | 'pieces';

/** Written to the socket at a time. Bytes are counted by slice, so a cut transfer is counted to within one slice. */
const SLICE_BYTES = 64 * 1024;
/** A viewer that reads nothing for this long is cut off: it would keep the segment in memory beyond the buffer. */
const IDLE_MS = 30_000;
/** So is one that takes longer than this for one body, even if it reads all the time. */
const WHOLE_MS = 10 * 60_000;

/**
 * Sends an answer from memory. Writes slices of the one buffer as the socket drains, and allocates nothing of the body's
 * size.
 * @param count called with the number of body bytes that the operating system accepted
 * @param onUnsent called with the first byte that it did not accept, if the transfer is cut
 */
export function sendAnswer(
  response: ServerResponse,
  answer: BodyAnswer,
  count: (bytes: number) => void,
  onUnsent: (from: number) => void = () => undefined,
): void {
  const { Vary: vary, ...headers } = answer.headers;
  // The answer may vary by the site that asks, too.
  if (vary !== undefined) response.appendHeader('Vary', String(vary));
  response.writeHead(answer.status, headers);
  if (answer.start === answer.end) {
    response.end();
    return;
  }
  const { data, start, end } = answer;
  let offset = start;
  let accepted = start;
  const cut = () => response.destroy();
  response.setTimeout(IDLE_MS, cut);
  const tooLong = setTimeout(cut, WHOLE_MS);
  response.once('close', () => {
    clearTimeout(tooLong);
    if (accepted < end) onUnsent(accepted);
  });
  const pump = () => {
    while (offset < end) {
      const slice = data.subarray(offset, Math.min(offset + SLICE_BYTES, end));
      offset += slice.length;
      const ready = response.write(slice, (error) => {
        if (error) return;
        accepted += slice.length;
        count(slice.length);
      });
      if (!ready && offset < end) {
        response.once('drain', pump);
        return;
      }
    }
    response.end();
  };
  pump();
}
