import * as v from 'valibot';
import type { Immutable } from './immutable.ts';
import { API_LIMITS } from './limits.ts';
import { count, fraction, millis } from './numbers.ts';

const whole = (least: number, most: number) =>
  v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most));

export const RehearsalRequest = v.strictObject({
  viewers: v.optional(
    v.pipe(
      whole(0, API_LIMITS.headlessViewers),
      v.description('Headless viewers on the server’s machine. 0: only the pages that take part'),
    ),
    4,
  ),
  seconds: v.optional(whole(API_LIMITS.leastRehearsalSeconds, API_LIMITS.mostRehearsalSeconds), 60),
});
export type RehearsalRequest = Immutable<v.InferOutput<typeof RehearsalRequest>>;

export const RehearsalFigures = v.object({
  viewers: v.pipe(count, v.description('Viewers that joined for the rehearsal, also for a moment')),
  played: v.pipe(count, v.description('Viewers of these whose player began to play')),
  medianStartupMs: v.optional(millis),
  medianLatencyMs: v.optional(millis),
  stalls: count,
  viewersWithStall: count,
  originBytes: v.pipe(count, v.description('Sent by the server to all viewers of the stream, measured')),
  copies: v.optional(v.pipe(v.number(), v.description('Bytes sent by the server over bytes published'))),
  laterCopies: v.optional(v.pipe(v.number(), v.description('The same for the second half alone'))),
  peerBytes: v.pipe(
    count,
    v.description('Received by all viewers from other viewers, as far as both ends report it'),
  ),
  offload: v.optional(v.pipe(fraction, v.description('peerBytes / (originBytes + peerBytes)'))),
  others: v.pipe(count, v.description('Viewers of the stream at the end that did not rehearse')),
});
/** The result. Bytes, `copies` and `offload` cover the whole stream, including viewers that did not rehearse. */
export type RehearsalFigures = Immutable<v.InferOutput<typeof RehearsalFigures>>;

export const Rehearsal = v.object({
  state: v.pipe(
    v.picklist(['none', 'running', 'done', 'stopped', 'failed']),
    v.description('failed: Chromium exited by itself'),
  ),
  problem: v.optional(v.string()),
  hasChromium: v.pipe(v.boolean(), v.description('The server can open headless viewers')),
  pages: v.pipe(count, v.description('Pages that wait for a rehearsal, or take part')),
  headless: v.optional(v.pipe(count, v.description('Headless viewers that were requested'))),
  seconds: v.optional(count),
  elapsedSeconds: v.optional(count),
  figures: v.optional(RehearsalFigures),
});
/** The rehearsal of a stream that is running, or the last one since the server started. */
export type Rehearsal = Immutable<v.InferOutput<typeof Rehearsal>>;
