import type { Announcement } from '@freshet/protocol';
import type { Injector } from '@freshet/swarm';
import type { StoredSegment } from '../buffer/stored-segment.ts';

/** Makes the announcement of a segment in the buffer. */
export function announcement(segment: StoredSegment, injectors: readonly Injector[] = []): Announcement {
  return {
    ...segment.id,
    bytes: segment.data.length,
    durationMs: segment.durationMs,
    hashes: segment.hashes,
    injectors: [...injectors],
    ...(segment.parts !== undefined && { parts: [...segment.parts] }),
    ...(segment.origin !== undefined && { url: segment.origin }),
  };
}
