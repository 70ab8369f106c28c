import type { ServerResponse } from 'node:http';
import { PIECE_LIST_EXTENSION } from '@freshet/protocol';
import type { RenditionBuffer } from '../buffer/rendition-buffer.ts';
import type { LiveStream } from '../stream/live-stream.ts';
import type { HeldOutcome, Holder } from './held-requests.ts';
import { type ListQueries, lowLatencyBody, pieceListBody } from './list-bodies.ts';
import { readDirectives, reloadState } from './reload-directives.ts';
import type { Body, Media } from './body-answer.ts';
import type { OriginBytesKind } from './send-body.ts';

/** The answer to a request that cannot be served. */
export interface Refusal {
  readonly status: 400 | 404 | 503;
  readonly text: string;
}

/** A request is held for this many target durations. Then the source is late: 503 (RFC 8216bis, 6.2.5.2). */
const HELD_TARGETS = 3;

/** Waits until the playlist of a rendition with parts has what the query requests. */
export async function awaitReload(
  held: Holder,
  stream: LiveStream,
  rendition: RenditionBuffer,
  query: Record<string, unknown>,
  response: ServerResponse,
  queries?: ListQueries,
): Promise<{ readonly body: Body } | Refusal> {
  const directives = readDirectives(query);
  if (directives === undefined || reloadState(directives, rendition) === 'refuse')
    return { status: 400, text: 'The delivery directives are invalid, or too far ahead of the playlist.' };
  const outcome = await held.hold(
    rendition.edge,
    response,
    waitMs(rendition),
    () => reloadState(directives, rendition) === 'now',
  );
  return outcome === 'ready'
    ? { body: lowLatencyBody(rendition, stream, directives.skip, queries) }
    : refusal(outcome);
}

/**
 * Finds a part, or its piece list, by its file name. Waits for the hinted part until it exists.
 * @param file name below the rendition's folder @param epoch from the query
 * @returns undefined if `file` does not name a part
 */
export async function awaitPart(
  held: Holder,
  stream: LiveStream,
  rendition: string,
  file: string,
  epoch: unknown,
  response: ServerResponse,
): Promise<{ readonly kind: OriginBytesKind; readonly body: Media } | Refusal | undefined> {
  const [, msn, index, extension] = /^(0|[1-9]\d{0,14})\.(0|[1-9]\d{0,3})\.([a-z0-9]+)$/.exec(file) ?? [];
  if (msn === undefined) return undefined;
  const found = stream.buffer.rendition(rendition);
  const missing = { status: 404, text: 'This part is not available.' } as const;
  const isList = extension === PIECE_LIST_EXTENSION;
  if (found === undefined || (extension !== found.edge.extension && !isList)) return missing;
  if (typeof epoch !== 'string' || !/^[1-9]\d{0,9}$/.test(epoch)) return missing;
  const { edge } = found;
  const place = { epoch: Number(epoch), msn: Number(msn), part: Number(index) };
  const isHinted = () =>
    edge.hint?.epoch === place.epoch && edge.hint.msn === place.msn && edge.hint.part === place.part;
  const outcome = await held.hold(edge, response, waitMs(found), () => !isHinted() || found.ended);
  const part = found.part(place);
  if (part !== undefined)
    return isList ? { kind: 'pieces', body: pieceListBody(part) } : { kind: 'segment', body: part };
  return outcome === 'ready' ? missing : refusal(outcome);
}

function waitMs({ longestSeconds }: RenditionBuffer): number {
  return HELD_TARGETS * longestSeconds * 1000;
}

function refusal(outcome: HeldOutcome): Refusal {
  const text =
    outcome === 'full'
      ? 'Too many waiting requests; retry shortly.'
      : 'Timed out waiting for new media; retry.';
  return { status: 503, text };
}
