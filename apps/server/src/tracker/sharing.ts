import { createHash } from 'node:crypto';
import type { PeerId, Policy, StreamName } from '@freshet/protocol';
import * as v from 'valibot';

const percent = (most: number) => v.pipe(v.number(), v.minValue(0), v.maxValue(most));

/** What the broadcaster decides about sharing of one stream, on top of the server's settings. */
export const Sharing = v.strictObject({
  /** `download-only`: viewers take from others that still may give, and give nothing themselves. `off`: plain HLS. */
  mode: v.optional(v.picklist(['on', 'download-only', 'off']), 'on'),
  /** The most that one viewer may give, in kbit/s; null: the server's own rule. */
  uploadLimitKbps: v.optional(v.nullable(v.pipe(v.number(), v.minValue(0), v.maxValue(1_000_000))), null),
  /** Megabytes that one viewer may give in a session; null: the server's own. */
  uploadBudgetMb: v.optional(v.nullable(v.pipe(v.number(), v.minValue(0), v.maxValue(1_000_000))), null),
  /** On cellular networks viewers give nothing anyway; `off`: they play plain HLS, for the sake of their data and battery. */
  cellular: v.optional(v.picklist(['download-only', 'off']), 'download-only'),
  /** Of the viewers who are not held out, so many percent share: for a careful start. */
  rampPercent: v.optional(percent(100), 100),
  /** So many percent of the viewers stay without sharing for good: the group to compare with. */
  holdOutPercent: v.optional(percent(50), 0),
});
export type Sharing = v.InferOutput<typeof Sharing>;

export const DEFAULT_SHARING: Sharing = v.parse(Sharing, {});

/**
 * `sharing`: takes part; `held-out`: never does, to be compared with; `waiting`: will, when the ramp reaches it;
 * `rehearsing`: takes part for a rehearsal, and is nobody to compare with.
 */
export const GROUPS = ['sharing', 'held-out', 'waiting', 'rehearsing'] as const;
export type Group = (typeof GROUPS)[number];

/**
 * Which group a viewer is in: by the number that its browser keeps, so that it stays there over visits; a higher ramp only
 * adds viewers to those who share. See docs/decisions/0010-groups-by-draw.md.
 * @param kept that number, or the viewer's name where nothing can be kept
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
  /** By its own word. It stays in its group all the same: groups must not differ by networks. */
  readonly cellular: boolean;
}

/** What such a viewer is told. The broadcaster can be stricter than the server's settings, never laxer. */
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

/** @returns 0 to 1, evenly */
function draw(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE() / 2 ** 32;
}
