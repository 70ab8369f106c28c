import * as v from 'valibot';
import type { Immutable } from './immutable.ts';
import { count, millis } from './numbers.ts';

export const SPANS = ['minutes', 'hours'] as const;
/** The last 15 minutes in steps of 5 s, or the last day in steps of a minute. */
export type Span = (typeof SPANS)[number];

export const HistoryQuery = v.object({
  span: v.optional(v.picklist(SPANS, 'span must be minutes or hours.'), 'minutes'),
});

export const Sample = v.object({
  at: v.pipe(v.number(), v.description('The end of the step, in milliseconds since 1970')),
  viewers: count,
  originKbps: v.pipe(v.number(), v.description('Sent by the server, measured')),
  peerKbps: v.pipe(v.number(), v.description('Sent by viewers, self-reported')),
  copies: v.optional(
    v.pipe(v.number(), v.description('Bytes sent by the server over bytes published in the step')),
  ),
  stalls: count,
  startupMs: v.optional(millis),
  latencyMs: v.optional(millis),
});
/** The means of one step, and the stalls in it. */
export type Sample = Immutable<v.InferOutput<typeof Sample>>;

export const History = v.object({
  samples: v.pipe(v.array(Sample), v.description('Oldest first')),
});
