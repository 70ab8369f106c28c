import * as v from 'valibot';
import { RevocationRequest, RevocationResult } from './access.ts';
import { Audit, AuditQuery } from './audit.ts';
import type { Immutable } from './immutable.ts';
import { API_LIMITS } from './limits.ts';
import { Money } from './money.ts';
import { Rehearsal, RehearsalRequest } from './rehearsal.ts';
import { Session, SignIn } from './session.ts';
import { SharingInput } from './sharing.ts';
import { NewStream, Overview, Stream, StreamChange } from './stream.ts';
import { Swarm, Trace } from './swarm.ts';
import { History, HistoryQuery } from './traffic.ts';

/** A body or a query that is ignored, or a response without a body. */
export const NOTHING = v.pipe(
  v.custom<undefined>(() => true),
  v.transform((): undefined => undefined),
);

/** One operation of the control API. */
export interface RouteSpec {
  readonly summary: string;
  /** The response in words. */
  readonly returns: string;
  readonly body: v.GenericSchema;
  readonly query: v.GenericSchema;
  /** Of a response with this status. Failures have `Failure` instead. */
  readonly response: v.GenericSchema;
  readonly status: 200 | 201 | 204;
  /** The response's media type. Text of another type than JSON is sent as it is. */
  readonly media: 'application/json' | 'application/jsonl';
  /** Needs neither a session nor the token. */
  readonly isPublic: boolean;
}

const PLAIN = {
  body: NOTHING,
  query: NOTHING,
  status: 200,
  media: 'application/json',
  isPublic: false,
} as const;

/**
 * The control API, below `/control`. The server's validation and handlers, the console's calls and the OpenAPI document
 * are made from this table.
 */
export const ROUTES = {
  'GET /session': {
    ...PLAIN,
    isPublic: true,
    summary: 'Whether this browser is signed in',
    returns: '`signedIn`',
    response: Session,
  },
  'POST /session': {
    ...PLAIN,
    isPublic: true,
    summary: 'Signs in with a session cookie for twelve hours',
    body: SignIn,
    status: 204,
    returns: 'Signed in',
    response: NOTHING,
  },
  'DELETE /session': {
    ...PLAIN,
    isPublic: true,
    summary: 'Signs out',
    status: 204,
    returns: 'Signed out',
    response: NOTHING,
  },
  'GET /overview': {
    ...PLAIN,
    summary: 'Lists all streams with their statistics, and the console settings',
    returns:
      '`streams` as in `/streams/{name}`; `money`; `kept`: whether changes outlive a restart (`--data-dir`)',
    response: Overview,
  },
  'PUT /money': {
    ...PLAIN,
    summary: 'Sets the price of a gigabyte of outgoing traffic',
    body: Money,
    returns: 'the price',
    response: Money,
  },
  'GET /audit': {
    ...PLAIN,
    summary: 'Lists sign-ins and changes, fifty at a time, of the last thousand',
    query: AuditQuery,
    returns: '`entries`, newest first; `more`: whether there are older ones',
    response: Audit,
  },
  'POST /streams': {
    ...PLAIN,
    summary: 'Adds a stream and starts it',
    body: NewStream,
    status: 201,
    returns: 'the stream',
    response: Stream,
  },
  'GET /streams/{name}': {
    ...PLAIN,
    summary: 'Returns one stream: settings, state, renditions, bytes, costs, groups',
    returns: 'the stream',
    response: Stream,
  },
  'PATCH /streams/{name}': {
    ...PLAIN,
    summary: 'Changes the source, or stops or starts the stream',
    body: StreamChange,
    returns: 'the stream',
    response: Stream,
  },
  'DELETE /streams/{name}': {
    ...PLAIN,
    summary: 'Removes a stream that was added with this API',
    status: 204,
    returns: 'nothing',
    response: NOTHING,
  },
  'PUT /streams/{name}/sharing': {
    ...PLAIN,
    summary: 'Sets the sharing policy. Viewers follow within 2 s',
    body: SharingInput,
    returns: 'the stream',
    response: Stream,
  },
  'GET /streams/{name}/history': {
    ...PLAIN,
    summary: 'Returns the last 15 minutes in steps of 5 s, or the last day in steps of a minute',
    query: HistoryQuery,
    returns: '`samples`, oldest first',
    response: History,
  },
  'GET /streams/{name}/swarm': {
    ...PLAIN,
    summary: `Returns the first ${API_LIMITS.viewersShown} viewers and their links, without identifying data`,
    returns: '`viewers`, `links` between their numbers, `total`',
    response: Swarm,
  },
  'GET /streams/{name}/trace': {
    ...PLAIN,
    summary:
      'Returns the latest decisions of the tracker, for `npm run replay`. Contains no addresses and no tokens',
    returns: 'JSON lines: a header, then `[time, event, commands]` for each step',
    media: 'application/jsonl',
    response: Trace,
  },
  'POST /streams/{name}/revocations': {
    ...PLAIN,
    summary:
      'Revokes tokens of a private stream: those for a `sub`, the one with a `jti`, or `all` that were issued until now. Playback and sharing end within 10 s',
    body: RevocationRequest,
    returns: '`ended`: viewers that were removed from the swarm',
    response: RevocationResult,
  },
  'POST /streams/{name}/rehearsal': {
    ...PLAIN,
    summary: `Starts a silent test with headless viewers (at most ${API_LIMITS.headlessViewers}) and the pages that take part`,
    body: RehearsalRequest,
    status: 201,
    returns: 'the rehearsal',
    response: Rehearsal,
  },
  'GET /streams/{name}/rehearsal': {
    ...PLAIN,
    summary: 'Returns the running rehearsal, or the last one',
    returns: '`state`, `figures` so far, `pages` that take part, `hasChromium`',
    response: Rehearsal,
  },
  'DELETE /streams/{name}/rehearsal': {
    ...PLAIN,
    summary: 'Ends the rehearsal',
    returns: 'the rehearsal, with its figures so far',
    response: Rehearsal,
  },
} satisfies Readonly<Record<string, RouteSpec>>;

export type Route = keyof typeof ROUTES;
type SpecOf<R extends Route> = (typeof ROUTES)[R];

/** A body as a caller sends it, and as a handler receives it: with defaults filled in. */
export type BodyInput<R extends Route> = v.InferInput<SpecOf<R>['body']>;
export type BodyOf<R extends Route> = v.InferOutput<SpecOf<R>['body']>;
export type QueryInput<R extends Route> = v.InferInput<SpecOf<R>['query']>;
export type QueryOf<R extends Route> = v.InferOutput<SpecOf<R>['query']>;
export type ResponseOf<R extends Route> = Immutable<v.InferOutput<SpecOf<R>['response']>>;

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** @returns the method in lower case, and the path below `/control` with its parameter in braces */
export function splitRoute(route: string): {
  readonly method: (typeof METHODS)[number];
  readonly path: string;
} {
  const [verb = '', path = ''] = route.split(' ');
  const method = METHODS.find((known) => known === verb.toLowerCase());
  if (method === undefined) throw new RangeError(`Not a route: ${route}`);
  return { method, path };
}
