import { STREAM_STATES, type StreamState } from '@freshet/ui';
import { isStreamName } from '../urls.ts';

/** One entry of the server's list. */
export interface StreamEntry {
  readonly name: string;
  readonly state: StreamState;
  readonly viewers: number;
}

/** The most streams that a page shows; a longer list is cut. */
const MAX_STREAMS = 500;

/** Reads `api/streams`. Leaves out entries of another shape. @throws Error if it is not a list. */
export function parseStreams(json: unknown): readonly StreamEntry[] {
  const list = field(json, 'streams');
  if (!Array.isArray(list)) throw new Error('not a list of streams');
  return list.slice(0, MAX_STREAMS).flatMap((item: unknown) => {
    const name = field(item, 'name');
    const state = STREAM_STATES.find((known) => known === field(item, 'state'));
    const viewers = field(item, 'viewers');
    if (typeof name !== 'string' || !isStreamName(name) || state === undefined) return [];
    return [{ name, state, viewers: typeof viewers === 'number' && viewers > 0 ? Math.floor(viewers) : 0 }];
  });
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

/** @returns the list. Rejects if the server does not respond within 10 s, or responds with something else. */
export async function fetchStreams(server: string): Promise<readonly StreamEntry[]> {
  const response = await fetch(new URL('api/streams', server), {
    cache: 'no-store',
    signal: AbortSignal.timeout(10_000),
  });
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
  return parseStreams(await response.json());
}
