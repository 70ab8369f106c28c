import { LINK_KINDS } from '@freshet/protocol';
import * as v from 'valibot';
import type { Immutable } from './immutable.ts';
import { API_LIMITS } from './limits.ts';
import { Money } from './money.ts';
import { count, fraction, millis } from './numbers.ts';
import { GROUPS, Sharing } from './sharing.ts';

const url = v.pipe(v.string(), v.maxLength(API_LIMITS.urlLength));

export const NewStream = v.strictObject({
  name: v.pipe(v.string(), v.maxLength(API_LIMITS.nameLength)),
  url,
});

export const StreamChange = v.strictObject({ url: v.optional(url), running: v.optional(v.boolean()) });

export const LinksByKind = v.pipe(
  v.object(v.entriesFromList(LINK_KINDS, count)),
  v.description('Ends of open links by the path that their packets take, self-reported. A link has two ends'),
);
export type LinksByKind = Immutable<v.InferOutput<typeof LinksByKind>>;

export const GroupFigures = v.object({
  viewers: v.pipe(count, v.description('Current viewers')),
  counted: v.pipe(
    count,
    v.description('Viewers behind the figures below: current ones, and the last 1,000 that left'),
  ),
  medianStartupMs: v.optional(millis),
  medianLatencyMs: v.optional(millis),
  medianKbps: v.optional(v.number()),
  stallsPerHour: v.optional(v.number()),
  shareWithStall: v.optional(
    v.pipe(fraction, v.description('Share of viewers with a stall, of those that watched at least 20 s')),
  ),
});
/** How the viewers of one group fared. A figure without viewers behind it is left out. */
export type GroupFigures = Immutable<v.InferOutput<typeof GroupFigures>>;

export const Stream = v.object({
  name: v.string(),
  url: v.optional(
    v.pipe(v.string(), v.description('The source. Left out for streams of the server’s own settings')),
  ),
  running: v.boolean(),
  sharing: Sharing,
  state: v.pipe(
    v.picklist(['starting', 'live', 'stale', 'down', 'ended', 'stopped']),
    v.description(
      'The source’s state. stale: it is interrupted, the buffer is served. down: nothing is left to serve. stopped: it is not being fetched',
    ),
  ),
  problem: v.optional(v.pipe(v.string(), v.description('Why the source does not work, and what to do'))),
  viewers: count,
  /** Left out until a viewer has watched. */
  links: v.optional(LinksByKind),
  bufferSeconds: v.number(),
  bufferBytes: count,
  renditions: v.array(
    v.object({
      id: v.string(),
      about: v.pipe(v.string(), v.description('Its attributes, to be shown')),
      available: v.boolean(),
    }),
  ),
  perViewer: v.pipe(
    v.boolean(),
    v.description('Segments differ from viewer to viewer, so that none can be shared'),
  ),
  originBytes: v.pipe(
    count,
    v.description('Bytes of segments that the server sent since it started, measured'),
  ),
  publishedBytes: v.pipe(
    count,
    v.description('Bytes of segments that entered the buffer since the server started'),
  ),
  peerBytes: v.pipe(
    count,
    v.description('Bytes that viewers received from other viewers, as far as both ends report them'),
  ),
  offload: v.optional(v.pipe(fraction, v.description('peerBytes / (originBytes + peerBytes)'))),
  spent: v.optional(
    v.pipe(v.number(), v.description('originBytes times the price. Left out while the price is unknown')),
  ),
  saved: v.optional(v.pipe(v.number(), v.description('peerBytes times the price, without rehearsals'))),
  groups: v.optional(v.object(v.entriesFromList(GROUPS, GroupFigures))),
});
export type Stream = Immutable<v.InferOutput<typeof Stream>>;

export const Overview = v.object({
  kept: v.pipe(v.boolean(), v.description('Whether changes outlive a restart (--data-dir)')),
  money: Money,
  uptimeSeconds: count,
  streams: v.array(Stream),
});
export type Overview = Immutable<v.InferOutput<typeof Overview>>;
