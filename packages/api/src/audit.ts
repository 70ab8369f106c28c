import * as v from 'valibot';
import type { Immutable } from './immutable.ts';
import { count } from './numbers.ts';

/** What the audit log records. */
export const AUDIT_ACTIONS = [
  ...(['sign-in', 'sign-in-refused', 'sign-out', 'price', 'add-stream', 'edit-stream'] as const),
  ...(['remove-stream', 'sharing', 'start-rehearsal', 'stop-rehearsal'] as const),
] as const;
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

const Values = v.record(v.string(), v.union([v.string(), v.number(), v.boolean(), v.null()]));

export const AuditEntry = v.object({
  id: v.pipe(count, v.description('Grows with each entry')),
  at: v.pipe(v.number(), v.description('Milliseconds since 1970')),
  network: v.pipe(v.string(), v.description('Where it came from: an IPv4 /24 or IPv6 /48')),
  action: v.picklist(AUDIT_ACTIONS),
  stream: v.optional(v.string()),
  before: v.optional(v.pipe(Values, v.description('Fields that changed, as they were; without secrets'))),
  after: v.optional(v.pipe(Values, v.description('The same as they are now'))),
});
/** One sign-in or change. */
export type AuditEntry = Immutable<v.InferOutput<typeof AuditEntry>>;

export const AUDIT_PAGE = 50;

export const AuditQuery = v.object({
  before: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^\d{1,15}$/, 'before must be the id of an entry.'),
      v.description('Only entries with a lower id'),
    ),
  ),
});

export const Audit = v.object({
  entries: v.pipe(v.array(AuditEntry), v.description('Newest first')),
  more: v.pipe(v.boolean(), v.description('Whether there are older ones')),
});
export type Audit = Immutable<v.InferOutput<typeof Audit>>;
