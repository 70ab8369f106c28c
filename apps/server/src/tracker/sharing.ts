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
  /** Of the viewers who are not held out, so many percent share: for a careful start. */
  rampPercent: v.optional(percent(100), 100),
  /** So many percent of the viewers stay without sharing for good: the group to compare with. */
  holdOutPercent: v.optional(percent(50), 0),
});
export type Sharing = v.InferOutput<typeof Sharing>;

export const DEFAULT_SHARING: Sharing = v.parse(Sharing, {});

/**
 * `sharing`: takes part; `held-out`: never does, to be compared with; `waiting`: will, when the ramp reaches it.
 */
export const GROUPS = ['sharing', 'held-out', 'waiting'] as const;
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

/** What a viewer of this group is told. The broadcaster can be stricter than the server's settings, never laxer. */
export function policyFor(server: Policy, sharing: Sharing, group: Group): Policy {
  const { mode, uploadLimitKbps, uploadBudgetMb } = sharing;
  if (mode === 'off' || group !== 'sharing') return { ...server, mode: 'off' };
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
