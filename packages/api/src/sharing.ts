import * as v from 'valibot';
import type { Immutable } from './immutable.ts';
import { API_LIMITS } from './limits.ts';
import { bounded } from './numbers.ts';

const fields = {
  mode: v.pipe(
    v.picklist(['on', 'download-only', 'off']),
    v.description('download-only: no viewer uploads. off: all viewers play from the server'),
  ),
  paths: v.pipe(
    v.picklist(['any', 'relay-only', 'same-network']),
    v.description(
      'relay-only: links lead through the TURN server, so that viewers do not learn each other’s addresses. same-network: only viewers of one network share, an office',
    ),
  ),
  uploadLimitKbps: v.pipe(
    v.nullable(bounded(0, API_LIMITS.uploadLimitKbps)),
    v.description('The most that one viewer uploads, in kbit/s. null: set by the server'),
  ),
  uploadBudgetMb: v.pipe(
    v.nullable(bounded(0, API_LIMITS.uploadBudgetMb)),
    v.description('The most that one viewer uploads in a session, in megabytes. null: set by the server'),
  ),
  cellular: v.pipe(
    v.picklist(['download-only', 'off']),
    v.description('For viewers on cellular networks. off: they play from the server alone'),
  ),
  rampPercent: v.pipe(
    bounded(0, 100),
    v.description('Percentage of viewers that share, of those not held out'),
  ),
  holdOutPercent: v.pipe(
    bounded(0, API_LIMITS.holdOutPercent),
    v.description('Percentage of viewers that never share: the control group'),
  ),
};

/** The broadcaster's policy for one stream. It comes on top of the server's settings and can only be stricter. */
export const Sharing = v.strictObject(fields);
export type Sharing = Immutable<v.InferOutput<typeof Sharing>>;

export const DEFAULT_SHARING: Sharing = {
  mode: 'on',
  paths: 'any',
  uploadLimitKbps: null,
  uploadBudgetMb: null,
  // Browsers upload nothing over cellular networks under either value. `off` also saves the viewer's data and battery.
  cellular: 'download-only',
  rampPercent: 100,
  holdOutPercent: 0,
};

/** A policy as a request states it: fields that are left out get their default. */
export const SharingInput = v.strictObject({
  mode: v.optional(fields.mode, DEFAULT_SHARING.mode),
  paths: v.optional(fields.paths, DEFAULT_SHARING.paths),
  uploadLimitKbps: v.optional(fields.uploadLimitKbps, DEFAULT_SHARING.uploadLimitKbps),
  uploadBudgetMb: v.optional(fields.uploadBudgetMb, DEFAULT_SHARING.uploadBudgetMb),
  cellular: v.optional(fields.cellular, DEFAULT_SHARING.cellular),
  rampPercent: v.optional(fields.rampPercent, DEFAULT_SHARING.rampPercent),
  holdOutPercent: v.optional(fields.holdOutPercent, DEFAULT_SHARING.holdOutPercent),
});

/**
 * `sharing`: takes part; `held-out`: never takes part, the control group; `waiting`: takes part once the ramp reaches it;
 * `rehearsing`: takes part in a rehearsal and enters no comparison.
 */
export const GROUPS = ['sharing', 'held-out', 'waiting', 'rehearsing'] as const;
export type Group = (typeof GROUPS)[number];
