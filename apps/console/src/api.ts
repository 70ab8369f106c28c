import type {
  BodyInput,
  Money,
  QueryInput,
  RehearsalRequest,
  ResponseOf,
  Route,
  Sharing,
  Span,
} from '@freshet/api';

export { API_LIMITS } from '@freshet/api';
export type {
  AuditAction,
  AuditEntry,
  Group,
  GroupFigures,
  LinksByKind,
  Money,
  Overview,
  Rehearsal,
  RehearsalFigures,
  Sample,
  Sharing,
  Span,
  Stream,
  Swarm,
  Viewer,
} from '@freshet/api';

/** A failed call. The message is meant for the reader of the page. */
export class ApiError extends Error {
  /** Of the response; 0 if there was none. */
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
  }
}

const TIMEOUT_MS = 10_000;

/** What a route takes. */
interface Given<R extends Route> {
  /** Of the stream. */
  readonly name?: string;
  readonly query?: QueryInput<R> & Readonly<Record<string, string>>;
  readonly body?: BodyInput<R>;
}

/** A `Response` whose JSON has the type of its route. The server's handlers are compiled against the same types. */
interface JsonResponse<Body> {
  readonly ok: boolean;
  readonly status: number;
  text(): Promise<string>;
  json(): Promise<Body>;
}

/**
 * Each call rejects with an ApiError if the server refuses it or cannot be reached.
 * @param root the API's address, ending in `/`
 */
export function controlApi(root: string) {
  const send = async <R extends Route>(
    route: R,
    { name = '', query, body }: Given<R> = {},
  ): Promise<JsonResponse<ResponseOf<R>>> => {
    const [method = '', path = ''] = route.split(' ');
    const address = new URL(`.${path.replace('{name}', encodeURIComponent(name))}`, root);
    address.search = new URLSearchParams(query).toString();
    let response: JsonResponse<ResponseOf<R>>;
    try {
      response = await fetch(address, {
        method,
        signal: AbortSignal.timeout(TIMEOUT_MS),
        ...(body !== undefined && {
          body: JSON.stringify(body),
          headers: { 'content-type': 'application/json' },
        }),
      });
    } catch {
      throw new ApiError(0, 'Cannot reach the server. The page may be outdated. Trying again…');
    }
    if (response.ok) return response;
    const { status } = response;
    throw new ApiError(status, messageIn(await response.text()) ?? `The server returned status ${status}.`);
  };
  const call = async <R extends Route>(route: R, given?: Given<R>): Promise<ResponseOf<R>> =>
    (await send(route, given)).json();
  return {
    isSignedIn: async () => (await call('GET /session')).signedIn,
    signIn: (token: string) => send('POST /session', { body: { token } }),
    signOut: () => send('DELETE /session'),
    audit: (before?: number) =>
      call('GET /audit', { query: before === undefined ? {} : { before: String(before) } }),
    overview: () => call('GET /overview'),
    setMoney: (money: Money) => call('PUT /money', { body: money }),
    add: (name: string, url: string) => call('POST /streams', { body: { name, url } }),
    stream: (name: string) => call('GET /streams/{name}', { name }),
    edit: (name: string, change: BodyInput<'PATCH /streams/{name}'>) =>
      call('PATCH /streams/{name}', { name, body: change }),
    remove: (name: string) => send('DELETE /streams/{name}', { name }),
    share: (name: string, sharing: Sharing) => call('PUT /streams/{name}/sharing', { name, body: sharing }),
    history: async (name: string, span: Span) =>
      (await call('GET /streams/{name}/history', { name, query: { span } })).samples,
    rehearsal: (name: string) => call('GET /streams/{name}/rehearsal', { name }),
    rehearse: (name: string, request: RehearsalRequest) =>
      call('POST /streams/{name}/rehearsal', { name, body: request }),
    endRehearsal: (name: string) => call('DELETE /streams/{name}/rehearsal', { name }),
    swarm: (name: string) => call('GET /streams/{name}/swarm', { name }),
  };
}
export type ControlApi = ReturnType<typeof controlApi>;

/** @returns undefined for a body that is not the API's own, such as a proxy's error page */
function messageIn(text: string): string | undefined {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body !== 'object' || body === null || !('error' in body)) return undefined;
    return typeof body.error === 'string' ? body.error : undefined;
  } catch {
    return undefined;
  }
}
