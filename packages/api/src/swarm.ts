import * as v from 'valibot';
import type { Immutable } from './immutable.ts';
import { count, millis } from './numbers.ts';
import { GROUPS } from './sharing.ts';
import { LinksByKind } from './stream.ts';

export const Viewer = v.object({
  number: v.pipe(count, v.description('Stands for the viewer in this response only')),
  group: v.picklist(GROUPS),
  minutes: count,
  neighbours: count,
  links: LinksByKind,
  connectMs: v.optional(
    v.pipe(millis, v.description('Mean time from dialling to an open link, of the links that it dialled')),
  ),
  takenKbps: v.pipe(v.number(), v.description('Received from other viewers')),
  originKbps: v.pipe(v.number(), v.description('Received from the server')),
  givenKbps: v.pipe(v.number(), v.description('Sent to other viewers')),
  injector: v.pipe(v.boolean(), v.description('It fetches new segments from the server for the others')),
  uploads: v.boolean(),
  stalls: count,
  startupMs: v.optional(millis),
  latencyMs: v.optional(millis),
});
/** One viewer, self-reported and without identifying data. */
export type Viewer = Immutable<v.InferOutput<typeof Viewer>>;

export const Link = v.object({
  from: v.pipe(count, v.description('The number of the viewer that sends')),
  to: v.pipe(count, v.description('The number of the viewer that receives')),
  kbps: v.pipe(
    v.number(),
    v.description('Estimated: viewers report how much they receive, not from which neighbour'),
  ),
});
export type Link = Immutable<v.InferOutput<typeof Link>>;

export const Swarm = v.object({
  total: v.pipe(count, v.description('All viewers of the stream, also those not listed')),
  viewers: v.array(Viewer),
  links: v.array(Link),
});
export type Swarm = Immutable<v.InferOutput<typeof Swarm>>;

/** JSON lines, as `npm run replay` reads them. */
export const Trace = v.string();
