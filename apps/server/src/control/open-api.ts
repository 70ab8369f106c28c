import {
  Audit,
  AuditEntry,
  Failure,
  GroupFigures,
  History,
  Link,
  LinksByKind,
  Money,
  NOTHING,
  Overview,
  Rehearsal,
  RehearsalFigures,
  RevocationResult,
  ROUTES,
  type RouteSpec,
  Sample,
  Session,
  Sharing,
  splitRoute,
  Stream,
  Swarm,
  Trace,
  Viewer,
} from '@freshet/api';
import { type JsonSchema, toJsonSchemaDefs } from '@valibot/to-json-schema';
import type * as v from 'valibot';

/** What responses are made of, under the names that the document gives them. */
const COMPONENTS = {
  ...{ Audit, AuditEntry, Failure, GroupFigures, History, Link, LinksByKind, Money, Overview },
  ...{ Rehearsal, RehearsalFigures, RevocationResult, Sample, Session, Sharing, Stream, Swarm },
  ...{ Trace, Viewer },
};

/** The OpenAPI 3.1 document of the control API. The server, the console and this document share one table of routes. */
export function openApi() {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [route, spec] of Object.entries<RouteSpec>(ROUTES)) {
    const { method, path } = splitRoute(route);
    (paths[`/control${path}`] ??= {})[method] = operation(path, spec);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Freshet control API',
      version: '1',
      description:
        'Streams, policies and statistics of one server. Errors are `{ "error": "…" }` and say what to do.',
    },
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer' },
        session: {
          ...{ type: 'apiKey', in: 'cookie', name: 'freshet-console' },
          description: 'Over TLS its name is __Host-freshet-console.',
        },
      },
      schemas: toJsonSchemaDefs(COMPONENTS, {
        ...{ target: 'draft-2020-12', typeMode: 'output' },
        overrideRef: ({ referenceId }) => componentRef(referenceId),
      }),
    },
    security: [{ token: [] }, { session: [] }],
    paths,
  };
}

function operation(path: string, route: RouteSpec) {
  const { summary, returns, body, query, response, status, media, isPublic } = route;
  const parameters = [...pathParameters(path), ...(query === NOTHING ? [] : queryParameters(query))];
  return {
    summary,
    ...(isPublic && { security: [] }),
    ...(parameters.length > 0 && { parameters }),
    ...(body !== NOTHING && { requestBody: { required: true, content: json(inputSchema(body)) } }),
    responses: {
      [status]: {
        description: returns,
        ...(response !== NOTHING && {
          content: { [media]: { schema: { $ref: componentRef(nameOf(response)) } } },
        }),
      },
      ...FAILURES,
    },
  };
}

function pathParameters(path: string) {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    ...{ name, in: 'path', required: true, schema: { type: 'string' } },
  }));
}

function queryParameters(query: v.GenericSchema) {
  const { properties = {}, required = [] } = inputSchema(query);
  return Object.entries(properties).map(([name, schema]) => ({
    ...{ name, in: 'query', required: required.includes(name), schema },
  }));
}

/** What a caller may send: fields with a default are optional. */
function inputSchema(schema: v.GenericSchema): JsonSchema {
  return toJsonSchemaDefs({ schema }, { target: 'draft-2020-12', typeMode: 'input' }).schema;
}

function nameOf(response: v.GenericSchema): string {
  const named = Object.entries<v.GenericSchema>(COMPONENTS).find(([, schema]) => schema === response);
  if (named === undefined) throw new Error('a response of the control API is missing in COMPONENTS');
  return named[0];
}

function componentRef(name: string): string {
  return `#/components/schemas/${name}`;
}

function json(schema: JsonSchema) {
  return { 'application/json': { schema } };
}

const FAILURES = Object.fromEntries(
  Object.entries({
    400: 'Invalid request',
    401: 'Not signed in',
    403: 'The request comes from another site',
    404: 'No such stream',
    409: 'Not possible in the current state',
    413: 'The body is over 16 KiB',
    429: 'Too many requests or wrong tokens',
    507: 'Applied, but not saved: the data folder cannot be written',
  }).map(([status, description]) => [
    status,
    { description, content: json({ $ref: componentRef('Failure') }) },
  ]),
);
