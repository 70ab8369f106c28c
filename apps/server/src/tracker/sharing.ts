import { createHash } from 'node:crypto';
import type { Group, Sharing } from '@freshet/api';
import type { PeerId, Policy, StreamName } from '@freshet/protocol';

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
