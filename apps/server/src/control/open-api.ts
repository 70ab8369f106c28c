import { toJsonSchema } from '@valibot/to-json-schema';
import { OPERATIONS } from './operations.ts';

/** The OpenAPI 3.1 document of the control API, made from the table that the API itself is made from. */
export function openApi() {
  const paths: Record<string, Record<string, unknown>> = {
    '/control/session': {
      post: {
        summary: 'Signs in with a session cookie for twelve hours',
        security: [],
        requestBody: {
          required: true,
          content: {
            'application/json': {
              schema: { type: 'object', properties: { token: { type: 'string' } }, required: ['token'] },
            },
          },
        },
        responses: { 204: { description: 'Signed in' }, ...FAILURES },
      },
      get: {
        summary: 'Whether this browser is signed in',
        security: [],
        responses: { 200: { description: '`signedIn`' } },
      },
      delete: { summary: 'Signs out', security: [], responses: { 204: { description: 'Signed out' } } },
    },
  };
  for (const { method, path, summary, answers, body, query, status = 200 } of OPERATIONS) {
    const where = `/control${path.replace(/:(\w+)/g, '{$1}')}`;
    const parameters = [
      ...[...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
        ...{ name, in: 'path', required: true, schema: { type: 'string' } },
      })),
      ...Object.entries(query ?? {}).map(([name, values]) => ({
        ...{ name, in: 'query', required: false, schema: { type: 'string', enum: values } },
      })),
    ];
    (paths[where] ??= {})[method] = {
      summary,
      ...(parameters.length > 0 && { parameters }),
      ...(body !== undefined && {
        requestBody: {
          required: true,
          content: { 'application/json': { schema: toJsonSchema(body, { typeMode: 'input' }) } },
        },
      }),
      responses: { [status]: { description: answers }, ...FAILURES },
    };
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
        session: { type: 'apiKey', in: 'cookie', name: 'freshet-console' },
      },
    },
    security: [{ token: [] }, { session: [] }],
    paths,
  };
}

const FAILURES = {
  400: { description: 'Invalid request' },
  401: { description: 'Not signed in' },
  403: { description: 'The request comes from another site' },
  404: { description: 'No such stream' },
  409: { description: 'Not possible in the current state' },
  429: { description: 'Too many requests or wrong tokens' },
};
