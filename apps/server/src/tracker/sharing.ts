import { createHash } from 'node:crypto';
import type { PeerId, Policy, StreamName } from '@freshet/protocol';
import * as v from 'valibot';

const percent = (most: number) => v.pipe(v.number(), v.minValue(0), v.maxValue(most));

/** The broadcaster's settings for sharing one stream, in addition to the server's. */
export const Sharing = v.strictObject({
  /** `download-only`: viewers download from others that may still upload, but upload nothing. `off`: plain HLS. */
  mode: v.optional(v.picklist(['on', 'download-only', 'off']), 'on'),
  /** The most that one viewer may upload, in kbit/s; null: the server's own rule. */
  uploadLimitKbps: v.optional(v.nullable(v.pipe(v.number(), v.minValue(0), v.maxValue(1_000_000))), null),
  /** Megabytes that one viewer may upload in a session; null: the server's own limit. */
  uploadBudgetMb: v.optional(v.nullable(v.pipe(v.number(), v.minValue(0), v.maxValue(1_000_000))), null),
  /** On cellular networks, viewers never upload. `off`: they play plain HLS there, to save data and battery. */
  cellular: v.optional(v.picklist(['download-only', 'off']), 'download-only'),
  /** Percentage of the viewers who are not held out that share, for a careful start. */
  rampPercent: v.optional(percent(100), 100),
  /** Percentage of the viewers that never share: the group to compare with. */
  holdOutPercent: v.optional(percent(50), 0),
});
export type Sharing = v.InferOutput<typeof Sharing>;

export const DEFAULT_SHARING: Sharing = v.parse(Sharing, {});

/**
 * `sharing`: shares; `held-out`: never shares, for comparison; `waiting`: will share when the ramp reaches it;
 * `rehearsing`: shares for a rehearsal, and is not used for comparison.
 */
export const GROUPS = ['sharing', 'held-out', 'waiting', 'rehearsing'] as const;
export type Group = (typeof GROUPS)[number];

/**
 * Draws a viewer's group from the number that its browser keeps, so that it stays in the group over visits. A higher
 * ramp only adds viewers to those who share. See docs/decisions/0010-groups-by-draw.md.
 * @param kept that number, or the viewer's id if its browser cannot keep one
 */
export function groupOf(
  { rampPercent, holdOutPercent }: Sharing,
  stream: StreamName,
  kept: number | PeerId,
): Group {
  if (draw(`hold-out ${stream} ${kept}`) * 100 < holdOutPercent) return 'held-out';
  return draw(`ramp ${stream} ${kept}`) * 100 < rampPercent ? 'sharing' : 'waiting';
}

/** What the policy of a viewer depends on. */
export interface Standing {
  readonly group: Group;
  /** As the viewer reports. It does not change the group: groups must not differ by network. */
  readonly cellular: boolean;
}

/** The policy of such a viewer. The broadcaster can be stricter than the server's settings, never laxer. */
export function policyFor(server: Policy, sharing: Sharing, { group, cellular }: Standing): Policy {
  const { mode, uploadLimitKbps, uploadBudgetMb } = sharing;
  const takesPart = group === 'sharing' || group === 'rehearsing';
  if (mode === 'off' || !takesPart || (cellular && sharing.cellular === 'off'))
    return { ...server, mode: 'off' };
  const limit = mode === 'download-only' ? 0 : uploadLimitKbps;
  return {
    ...server,
    ...(limit !== null && { uploadLimitKbps: Math.min(limit, server.uploadLimitKbps ?? limit) }),
    ...(uploadBudgetMb !== null && { uploadBudgetMb: Math.min(uploadBudgetMb, server.uploadBudgetMb) }),
  };
}

/** @returns 0 to 1, evenly distributed */
function draw(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE() / 2 ** 32;
}
