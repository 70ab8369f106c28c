import type { StreamName } from '@freshet/protocol';
import * as v from 'valibot';
import { ControlError } from '../http/control-error.ts';
import { LEAST_SECONDS, MOST_HEADLESS, MOST_SECONDS, type Rehearsals } from '../rehearsal/rehearsals.ts';
import { Sharing } from '../tracker/sharing.ts';
import { type ConsoleFile, Money } from './console-file.ts';
import type { ConsoleStreams } from './console-streams.ts';
import { type ReportParts, streamReport } from './stream-report.ts';
import type { TrafficHistory } from './traffic-history.ts';

/** Viewers that the picture of the swarm shows at most. */
const MOST_SHOWN = 300;

export interface OperationParts extends ReportParts {
  readonly file: ConsoleFile;
  readonly streams: ConsoleStreams;
  readonly history: TrafficHistory;
  readonly rehearsals: Rehearsals;
  readonly uptimeSeconds: () => number;
}

const whole = (least: number, most: number) =>
  v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most));

/** Headless viewers, and for how long. None: only pages that take part. */
const Rehearsal = v.strictObject({
  viewers: v.optional(whole(0, MOST_HEADLESS), 4),
  seconds: v.optional(whole(LEAST_SECONDS, MOST_SECONDS), 60),
});

const url = v.pipe(v.string(), v.maxLength(2048));

/** What an operation may be given. */
interface Given<Body> {
  readonly name: StreamName;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: Body;
}

/** One thing that the control API does. The API's document is made from the same table. */
export interface Operation<Schema extends v.GenericSchema = v.GenericSchema> {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** Below `/control`, as Express writes it. */
  readonly path: string;
  readonly summary: string;
  /** In words, what is answered. */
  readonly answers: string;
  readonly body?: Schema;
  readonly query?: Readonly<Record<string, readonly string[]>>;
  /** Default 200; 204 answers nothing. */
  readonly status?: number;
  readonly run: (parts: OperationParts, given: Given<v.InferOutput<Schema>>) => unknown;
}

function operation<Schema extends v.GenericSchema>(o: Operation<Schema>): Operation {
  // The body was parsed with this operation's own schema: the table cannot say so.
  return o as unknown as Operation;
}

export const OPERATIONS: readonly Operation[] = [
  operation({
    method: 'get',
    path: '/overview',
    summary: 'Lists all streams with their statistics, and the console settings',
    answers:
      '`streams` as in `/streams/{name}`; `money`; `kept`: whether changes outlive a restart (`--data-dir`)',
    run: (parts) => ({
      kept: parts.file.isKept,
      money: parts.file.kept.money,
      uptimeSeconds: Math.round(parts.uptimeSeconds()),
      streams: parts.streams.all().map((stream) => streamReport(stream, parts.file.kept.money, parts)),
    }),
  }),
  operation({
    method: 'put',
    path: '/money',
    summary: 'Sets the price of a gigabyte of outgoing traffic',
    answers: 'the price',
    body: Money,
    run: async ({ file }, { body }) => {
      await file.change({ money: body });
      return body;
    },
  }),
  operation({
    method: 'post',
    path: '/streams',
    summary: 'Adds a stream and starts it',
    answers: 'the stream',
    status: 201,
    body: v.strictObject({ name: v.pipe(v.string(), v.maxLength(64)), url }),
    run: async (parts, { body }) => report(parts, (await parts.streams.add(body.name, body.url)).name),
  }),
  operation({
    method: 'get',
    path: '/streams/:name',
    summary: 'Returns one stream: settings, state, renditions, bytes, costs, groups',
    answers: 'the stream',
    run: (parts, { name }) => report(parts, name),
  }),
  operation({
    method: 'patch',
    path: '/streams/:name',
    summary: 'Changes the source, or stops or starts the stream',
    answers: 'the stream',
    body: v.strictObject({ url: v.optional(url), running: v.optional(v.boolean()) }),
    run: async (parts, { name, body }) => {
      await parts.streams.edit(name, {
        ...(body.url !== undefined && { url: body.url }),
        ...(body.running !== undefined && { running: body.running }),
      });
      return report(parts, name);
    },
  }),
  operation({
    method: 'delete',
    path: '/streams/:name',
    summary: 'Removes a stream that was added with this API',
    answers: 'nothing',
    status: 204,
    run: async ({ streams, history }, { name }) => {
      await streams.remove(name);
      history.forget(name);
    },
  }),
  operation({
    method: 'put',
    path: '/streams/:name/sharing',
    summary: 'Sets the sharing policy. Viewers follow within 2 s',
    answers: 'the stream',
    body: Sharing,
    run: async (parts, { name, body }) => {
      await parts.streams.share(name, body);
      return report(parts, name);
    },
  }),
  operation({
    method: 'get',
    path: '/streams/:name/history',
    summary: 'Returns the last 15 minutes in steps of 5 s, or the last day in steps of a minute',
    answers: '`samples`, oldest first',
    query: { span: ['minutes', 'hours'] },
    run: ({ streams, history }, { name, query }) => {
      streams.get(name);
      const { span = 'minutes' } = query;
      if (span !== 'minutes' && span !== 'hours')
        throw new ControlError(400, 'span must be minutes or hours.');
      return { samples: history.read(name, span) };
    },
  }),
  operation({
    method: 'get',
    path: '/streams/:name/swarm',
    summary: `Returns the first ${MOST_SHOWN} viewers and their links, without identifying data`,
    answers: '`viewers`, `links` between their numbers, `total`',
    run: ({ streams, view, viewers }, { name }) => {
      streams.get(name);
      return { total: viewers(name), ...(view(name)?.snapshot(MOST_SHOWN) ?? { viewers: [], links: [] }) };
    },
  }),
  operation({
    method: 'post',
    path: '/streams/:name/rehearsal',
    summary: `Starts a silent test with headless viewers (at most ${MOST_HEADLESS}) and the pages that take part`,
    answers: 'the rehearsal',
    status: 201,
    body: Rehearsal,
    run: ({ streams, rehearsals }, { name, body }) => {
      if (!streams.get(name).running) throw new ControlError(409, 'The stream is stopped. Start it first.');
      return rehearsals.start(name, body);
    },
  }),
  operation({
    method: 'get',
    path: '/streams/:name/rehearsal',
    summary: 'Returns the running rehearsal, or the last one',
    answers: '`state`, `figures` so far, `pages` that take part, `hasChromium`',
    run: ({ streams, rehearsals }, { name }) => {
      streams.get(name);
      return rehearsals.report(name);
    },
  }),
  operation({
    method: 'delete',
    path: '/streams/:name/rehearsal',
    summary: 'Ends the rehearsal',
    answers: 'the rehearsal, with its figures so far',
    run: ({ streams, rehearsals }, { name }) => {
      streams.get(name);
      return rehearsals.stop(name);
    },
  }),
];

function report(parts: OperationParts, name: StreamName) {
  return streamReport(parts.streams.get(name), parts.file.kept.money, parts);
}
