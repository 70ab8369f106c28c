import { API_LIMITS, type BodyOf, type QueryOf, type ResponseOf, type Route } from '@freshet/api';
import type { StreamName } from '@freshet/protocol';
import type { StreamAccess } from '../access/stream-access.ts';
import { ControlError } from '../http/control-error.ts';
import type { Rehearsals } from '../rehearsal/rehearsals.ts';
import type { AuditLog } from './audit-log.ts';
import type { ConsoleFile } from './console-file.ts';
import type { ConsoleStreams } from './console-streams.ts';
import { type ReportParts, streamReport } from './stream-report.ts';
import type { TrafficHistory } from './traffic-history.ts';

export interface HandlerParts extends ReportParts {
  readonly file: ConsoleFile;
  readonly streams: ConsoleStreams;
  readonly history: TrafficHistory;
  readonly rehearsals: Rehearsals;
  readonly audit: AuditLog;
  readonly access: Pick<StreamAccess, 'modeOf' | 'revoke'>;
  readonly uptimeSeconds: () => number;
}

/** Routes that need a session or the token. */
export type GuardedRoute = Exclude<Route, `${string} /session`>;

/** A request, validated against the schemas of its route. */
interface ControlRequest<R extends Route> {
  /** Of the stream; empty for routes without a stream. */
  readonly name: StreamName;
  readonly query: QueryOf<R>;
  readonly body: BodyOf<R>;
}

type Handlers = {
  readonly [R in GuardedRoute]: (
    parts: HandlerParts,
    request: ControlRequest<R>,
  ) => ResponseOf<R> | Promise<ResponseOf<R>>;
};

/** One handler for each guarded route of the control API. */
export const HANDLERS: Handlers = {
  'GET /overview': (parts) => ({
    kept: parts.file.isKept,
    money: parts.file.kept.money,
    uptimeSeconds: Math.round(parts.uptimeSeconds()),
    streams: parts.streams.all().map((stream) => streamReport(stream, parts.file.kept.money, parts)),
  }),

  'PUT /money': async ({ file }, { body }) => {
    await file.change({ money: body });
    return body;
  },

  'GET /audit': ({ audit }, { query }) =>
    audit.page(query.before === undefined ? undefined : Number(query.before)),

  'POST /streams': async (parts, { body }) =>
    report(parts, (await parts.streams.add(body.name, body.url)).name),

  'GET /streams/{name}': (parts, { name }) => report(parts, name),

  'PATCH /streams/{name}': async (parts, { name, body }) => {
    await parts.streams.edit(name, {
      ...(body.url !== undefined && { url: body.url }),
      ...(body.running !== undefined && { running: body.running }),
    });
    return report(parts, name);
  },

  'DELETE /streams/{name}': async ({ streams, history }, { name }) => {
    await streams.remove(name);
    history.forget(name);
    return undefined;
  },

  'PUT /streams/{name}/sharing': async (parts, { name, body }) => {
    await parts.streams.share(name, body);
    return report(parts, name);
  },

  'GET /streams/{name}/history': ({ streams, history }, { name, query }) => {
    streams.get(name);
    return { samples: history.read(name, query.span) };
  },

  'GET /streams/{name}/swarm': ({ streams, view, viewers }, { name }) => {
    streams.get(name);
    const shown = view(name)?.snapshot(API_LIMITS.viewersShown) ?? { viewers: [], links: [] };
    return { total: viewers(name), ...shown };
  },

  'GET /streams/{name}/trace': ({ streams, trace }, { name }) => {
    streams.get(name);
    const text = trace(name);
    if (text === undefined) throw new ControlError(409, 'No viewer has joined the stream yet.');
    return text;
  },

  'POST /streams/{name}/revocations': async ({ streams, access, file }, { name, body }) => {
    streams.get(name);
    if (access.modeOf(name) === 'public')
      throw new ControlError(409, 'The stream is public: it has no tokens.');
    if (access.modeOf(name) === 'service')
      throw new ControlError(
        409,
        'The service of --auth-url decides about this stream. Refuse the viewer there.',
      );
    const revoked = access.revoke(name, {
      ...('sub' in body && { sub: body.sub }),
      ...('jti' in body && { jti: body.jti }),
    });
    if (revoked === undefined)
      throw new ControlError(
        409,
        'The stream has too many revocations. Revoke all of its tokens instead; viewers with newer tokens return.',
      );
    await file.change({ revoked: [...revoked.all] });
    return { ended: revoked.ended };
  },

  'POST /streams/{name}/rehearsal': ({ streams, rehearsals, access }, { name, body }) => {
    if (access.modeOf(name) !== 'public')
      throw new ControlError(
        409,
        'The stream is private: test viewers have no token. Rehearse a public stream.',
      );
    if (!streams.get(name).running) throw new ControlError(409, 'The stream is stopped. Start it first.');
    return rehearsals.start(name, body);
  },

  'GET /streams/{name}/rehearsal': ({ streams, rehearsals }, { name }) => {
    streams.get(name);
    return rehearsals.report(name);
  },

  'DELETE /streams/{name}/rehearsal': ({ streams, rehearsals }, { name }) => {
    streams.get(name);
    return rehearsals.stop(name);
  },
};

function report(parts: HandlerParts, name: StreamName) {
  return streamReport(parts.streams.get(name), parts.file.kept.money, parts);
}
