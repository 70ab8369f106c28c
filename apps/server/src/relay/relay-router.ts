import type { IncomingMessage, ServerResponse } from 'node:http';
import { PIECE_LIST_EXTENSION, type StreamName } from '@freshet/protocol';
import { type Request, Router } from 'express';
import { type Denial, isDenial, OTHER_SITE } from '../access/denial.ts';
import type { AllowedSites } from '../access/allowed-sites.ts';
import type { AdmitRequest } from '../access/http-access.ts';
import type { Grant } from '../access/stream-access.ts';
import type { TicketUse } from '../access/tickets.ts';
import type { Busy } from '../buffer/rendition-buffer.ts';
import type { Budgets } from '../guard/budgets.ts';
import type { StoredSegment } from '../buffer/stored-segment.ts';
import type { LiveStream } from '../stream/live-stream.ts';
import type { StreamDirectory } from '../stream/stream-directory.ts';
import type { Admission, Unsent } from './admission.ts';
import { awaitStart } from './await-start.ts';
import { answerWith, type Body, type BodyAnswer, type Media, wantsNothing } from './body-answer.ts';
import { HeldRequests } from './held-requests.ts';
import { type Consent, mediaPlaylistBody, multivariantBody, pieceListBody } from './list-bodies.ts';
import { awaitPart, awaitReload, type Refusal } from './low-latency.ts';
import { type OriginBytes, type OriginBytesKind, sendAnswer } from './send-body.ts';

export interface RelayOptions {
  readonly directory: StreamDirectory;
  readonly originBytes: OriginBytes;
  /** Bounds for each address prefix. */
  readonly budgets: Budgets;
  /** How viewers consent to uploads, as stated in the multivariant playlist. Default: `notice`. */
  readonly consent?: Consent | undefined;
  /** How long a playlist request waits for a stream that is starting, before it is answered 503. Default 6000. */
  readonly startWaitMs?: number;
  /** Default: all requests are served. */
  readonly admission?: Admission | undefined;
  /** Who may read private streams. Default: all streams are public. */
  readonly access?: AdmitRequest | undefined;
  /** Sites whose pages may read the streams. Default: all. */
  readonly sites?: AllowedSites | undefined;
  /** Called for each request that access denies. */
  readonly onDenied?: ((denial: Denial) => void) | undefined;
  /** Ends the held requests when the server stops. */
  readonly stopping?: AbortSignal;
}

/** The content of our media URLs never changes: the query has the epoch, and an init segment's name has its hash. */
const IMMUTABLE = 'public, max-age=31536000, immutable';
const RETRY_AFTER_SECONDS = 2;
/** Retry-After at the egress limit: for new viewers, and for requests of segments. */
const NEWCOMER_RETRY_AFTER_SECONDS = 5;
const SEGMENT_RETRY_AFTER_SECONDS = 1;
/** `http/cmcd.ts` counts the CMCD headers. */
const ALLOWED_HEADERS =
  'Authorization, Range, If-None-Match, If-Range, Cache-Control, CMCD-Request, CMCD-Object, CMCD-Status, CMCD-Session';

/**
 * The HLS origin, below `/live`. Any HLS player can play it, from a page of any site.
 * Mount it before compression and body parsers: it needs neither.
 */
export function relayRouter(options: RelayOptions): Router {
  const { directory, originBytes, startWaitMs = 6000, stopping, consent, admission } = options;
  const { access, sites, onDenied, budgets } = options;
  const held = new HeldRequests(budgets.held, stopping);
  const prefixOf = ({ ip }: Request) => budgets.prefixOf(ip);
  const router = Router({ caseSensitive: true });

  router.use('/live', (request, response, next) => {
    allowSites(response, request, sites);
    if (sites?.allows(request.headers.origin, request.headers.host) === false) {
      onDenied?.(OTHER_SITE);
      refuse(response, OTHER_SITE.status, OTHER_SITE.text);
    } else if (request.method === 'OPTIONS') {
      response.setHeader('Access-Control-Allow-Methods', 'GET, HEAD, OPTIONS');
      response.setHeader('Access-Control-Allow-Headers', ALLOWED_HEADERS);
      response.setHeader('Access-Control-Max-Age', '86400');
      response.statusCode = 204;
      response.end();
    } else if (request.method === 'GET' || request.method === 'HEAD') next();
    else {
      response.setHeader('Allow', 'GET, HEAD, OPTIONS');
      refuse(response, 405, 'Only GET and HEAD are allowed.');
    }
  });

  const send = (
    request: Request,
    response: ServerResponse,
    stream: LiveStream,
    kind: OriginBytesKind,
    body: Body & Pick<Media, 'key'>,
  ) => {
    const answer = answerWith(request, body);
    const unsent = admit(request, stream, kind, body, answer);
    if (unsent === undefined) {
      refuseFull(response, SEGMENT_RETRY_AFTER_SECONDS);
      return;
    }
    const count = (bytes: number) => {
      originBytes.add(stream.name, kind, bytes);
    };
    sendAnswer(response, answer, count, unsent);
  };

  /** An answer without a body always passes. */
  const admit = (
    request: Request,
    stream: LiveStream,
    kind: OriginBytesKind,
    { key, etag }: Pick<Media, 'key' | 'etag'>,
    { data, start, end }: BodyAnswer,
  ): Unsent | undefined => {
    const always = () => undefined;
    if (admission === undefined || start === end) return always;
    const prefix = prefixOf(request);
    if (kind !== 'segment') return admission.small(end - start, prefix) ? always : undefined;
    const segment = `${stream.name} ${key ?? etag}`;
    return admission.segment({ segment, bytes: data.length, start, end, prefix });
  };

  /** @returns undefined if the request was refused or its client is gone. `grant` is undefined if the stream is public */
  const permitted = async (
    request: Request,
    response: ServerResponse,
    name: StreamName,
    use: 'playlist' | TicketUse,
  ): Promise<{ readonly stream: LiveStream; readonly grant: Grant | undefined } | undefined> => {
    const stream = directory.get(name);
    if (stream === undefined) {
      refuse(response, 404, unknownStream(name));
      return undefined;
    }
    const grant = await access?.(request, name, use);
    if (response.destroyed) return undefined;
    if (grant === undefined || !isDenial(grant)) return { stream, grant };
    onDenied?.(grant);
    refuseAccess(response, grant);
    return undefined;
  };

  const sendMedia = (
    request: Request,
    response: ServerResponse,
    stream: LiveStream,
    kind: OriginBytesKind,
    media: Media,
    grant: Grant | undefined,
  ) => {
    send(request, response, stream, kind, { ...media, cacheControl: cacheControlOf(grant) });
  };

  router.get('/live/:stream/index.m3u8', async (request, response) => {
    const found = await permitted(request, response, request.params.stream, 'playlist');
    if (found === undefined) return;
    const { stream, grant } = found;
    if (admission?.newcomer(prefixOf(request)) === false) {
      refuseFull(response, NEWCOMER_RETRY_AFTER_SECONDS);
      return;
    }
    const started = await awaitStart(stream, startWaitMs, response, () =>
      budgets.held.take(prefixOf(request)),
    );
    if (response.destroyed) return;
    if (started) send(request, response, stream, 'playlist', multivariantBody(stream, consent, grant));
    else refuseUnstarted(response, stream);
  });

  router.get('/live/:stream/:rendition/index.m3u8', async (request, response) => {
    const found = await permitted(request, response, request.params.stream, 'playlist');
    if (found === undefined) return;
    const { stream, grant } = found;
    const rendition = stream.buffer.rendition(request.params.rendition);
    if (rendition === undefined) refuse(response, 404, `The stream "${stream.name}" has no such rendition.`);
    else if (rendition.nextMsn === undefined) refuseUnstarted(response, stream);
    else if (rendition.edge.partTargetMs === undefined)
      send(request, response, stream, 'playlist', mediaPlaylistBody(rendition, grant));
    else {
      const holder = held.of(prefixOf(request));
      const answer = await awaitReload(holder, stream, rendition, request.query, response, grant);
      if (response.destroyed) return;
      if ('body' in answer) send(request, response, stream, 'playlist', answer.body);
      else refuseHeld(response, answer);
    }
  });

  router.get('/live/:stream/:rendition/:file', async (request, response) => {
    const { stream: name, rendition, file } = request.params;
    const use = file.startsWith('init-') ? 'init' : 'media';
    const allowed = await permitted(request, response, name, use);
    if (allowed === undefined) return;
    const { stream, grant } = allowed;
    const prefix = prefixOf(request);
    const epoch = request.query['epoch'];
    const part = await awaitPart(held.of(prefix), stream, rendition, file, epoch, response);
    if (part !== undefined) {
      if (response.destroyed) return;
      if ('body' in part) sendMedia(request, response, stream, part.kind, part.body, grant);
      else refuseHeld(response, part);
      return;
    }
    const asksForBytes = request.method === 'GET' && !wantsNothing(request.headers);
    const found = await findMedia(stream, rendition, file, epoch, asksForBytes ? prefix : undefined);
    if (response.destroyed) return;
    if (found === 'unloaded') answerUnloaded(request, response);
    else if (found === 'whole' || found === 'prefix') {
      budgets.refused('fetches', found);
      refuseBusy(response);
    } else if (found === undefined) refuse(response, 404, 'This segment is not in the buffer.');
    else sendMedia(request, response, stream, found.kind, found.stored, grant);
  });

  router.use('/live', (_request, response) => {
    refuse(response, 404, 'Not found.');
  });
  return router;
}

/**
 * @param epoch from the query: any other than the segment's finds nothing, because caches keep the answer for ever
 * @param prefix of the viewer. Without it, a segment on demand is not fetched: `unloaded`
 */
async function findMedia(
  stream: LiveStream,
  rendition: string,
  file: string,
  epoch: unknown,
  prefix: string | undefined,
) {
  const held = stream.buffer.rendition(rendition);
  if (held === undefined || typeof epoch !== 'string' || !/^[1-9]\d{0,9}$/.test(epoch)) return undefined;
  const hash = /^init-([0-9a-f]{16})\.mp4$/.exec(file)?.[1];
  if (hash !== undefined) {
    const stored = held.init(Number(epoch), hash);
    return stored === undefined ? undefined : { kind: 'init' as const, stored };
  }
  const [, msn = '', extension = ''] = /^(0|[1-9]\d{0,14})\.([a-z0-9]+)$/.exec(file) ?? [];
  const isList = extension === PIECE_LIST_EXTENSION;
  const place = [Number(epoch), Number(msn), isList ? undefined : extension] as const;
  if (prefix === undefined && held.isUnloaded(...place)) return 'unloaded';
  const demanded: Promise<StoredSegment | undefined> | Busy | undefined = held.demand(...place, prefix);
  if (typeof demanded === 'string') return demanded;
  const stored = demanded === undefined ? held.segment(Number(epoch), Number(msn)) : await demanded;
  if (isList) return stored && { kind: 'pieces' as const, stored: pieceListBody(stored) };
  // Each body has one URL: another spelling would be another entry in every cache on the way.
  return stored?.extension === extension ? { kind: 'segment' as const, stored } : undefined;
}

/** A refusal, too, names the site that asked: its page could not read the reason otherwise. */
function allowSites(
  response: ServerResponse,
  { headers: { origin = '*' } }: IncomingMessage,
  sites: AllowedSites | undefined,
): void {
  const areAll = sites?.areAll !== false;
  response.setHeader('Access-Control-Allow-Origin', areAll ? '*' : origin);
  if (!areAll) response.setHeader('Vary', 'Origin');
  response.setHeader(
    'Access-Control-Expose-Headers',
    'Content-Range, Content-Length, ETag, Accept-Ranges, Date, Retry-After',
  );
  response.setHeader('Timing-Allow-Origin', '*');
  // The media comes from elsewhere: browsers must take it for the declared type and nothing else.
  response.setHeader('X-Content-Type-Options', 'nosniff');
  // A `<video src>` on another site sends requests without CORS; a general policy of the server must not block them.
  response.setHeader('Cross-Origin-Resource-Policy', 'cross-origin');
}

/**
 * Answers HEAD, and `If-None-Match: *`, for a segment that would first have to be fetched: both would make the source
 * send a segment that nobody gets. Its length is not known.
 */
function answerUnloaded(request: Request, response: ServerResponse): void {
  response.statusCode = wantsNothing(request.headers) ? 304 : 200;
  response.setHeader('Accept-Ranges', 'bytes');
  response.setHeader('Cache-Control', 'no-store');
  response.end();
}

/** A shared cache may keep media of a private stream while the ticket in its address is valid. */
function cacheControlOf(grant: Grant | undefined): string {
  if (grant === undefined) return IMMUTABLE;
  const seconds = Math.floor(grant.sharedMs / 1000);
  return seconds > 0 ? `public, max-age=${seconds}, immutable` : 'private, no-cache';
}

function refuseAccess(response: ServerResponse, { status, text }: Denial): void {
  if (status === 401) response.setHeader('WWW-Authenticate', 'Bearer');
  if (status === 503) response.setHeader('Retry-After', RETRY_AFTER_SECONDS);
  refuse(response, status, text);
}

function unknownStream(name: string): string {
  return `Stream "${name}" not found.`;
}

function refuseBusy(response: ServerResponse): void {
  response.setHeader('Retry-After', RETRY_AFTER_SECONDS);
  refuse(response, 503, 'Too many segments of this recording are being fetched; retry shortly.');
}

function refuseFull(response: ServerResponse, retryAfterSeconds: number): void {
  response.setHeader('Retry-After', retryAfterSeconds);
  refuse(response, 503, 'Egress limit reached; retry shortly.');
}

function refuseHeld(response: ServerResponse, { status, text }: Refusal): void {
  if (status === 503) response.setHeader('Retry-After', 1);
  refuse(response, status, text);
}

function refuseUnstarted(response: ServerResponse, stream: LiveStream): void {
  response.setHeader('Retry-After', RETRY_AFTER_SECONDS);
  refuse(response, 503, `The stream "${stream.name}" has no media yet; its source is ${stream.state}.`);
}

function refuse(response: ServerResponse, status: number, text: string): void {
  response.statusCode = status;
  response.setHeader('Content-Type', 'text/plain; charset=utf-8');
  response.setHeader('Cache-Control', 'no-store');
  response.end(`${text}\n`);
}
