import { decodePieceList, PIECE_LIST_BYTES, type PieceList } from '@freshet/protocol';
import { requestRange } from './range-request.ts';
import type { Clock } from '../util/clock.ts';

/** Fetches the piece list of a segment that was not announced. Never rejects. @returns undefined when that fails */
export async function loadPieceList(
  url: string,
  clock: Clock,
  signal: AbortSignal,
): Promise<PieceList | undefined> {
  const list = new Uint8Array(PIECE_LIST_BYTES);
  let length = 0;
  const { outcome } = await requestRange({
    url,
    maxBytes: PIECE_LIST_BYTES,
    signal,
    clock,
    onBytes: (bytes) => {
      list.set(bytes, length);
      length += bytes.length;
    },
  });
  return outcome === 'ok' ? decodePieceList(list.subarray(0, length)) : undefined;
}
