import { createHash } from 'node:crypto';
import type { Group, Sharing } from '@freshet/api';
import type { PeerId, Policy, StreamName } from '@freshet/protocol';

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

/** Which links viewers may make. */
export interface LinkRules {
  /** Through TURN alone, so that viewers do not learn one another's addresses. */
  readonly relayed: boolean;
  /** Between viewers of one network alone. */
  readonly sameNetwork: boolean;
}

/** The rules of the server and of the broadcaster together. */
export function linkRules(server: LinkRules, { paths }: Sharing): LinkRules {
  return {
    relayed: server.relayed || paths === 'relay-only',
    sameNetwork: server.sameNetwork || paths === 'same-network',
  };
}

/** Whether links that the old rules allowed are against the new ones. */
export function areStricter(rules: LinkRules, old: LinkRules): boolean {
  return (rules.relayed && !old.relayed) || (rules.sameNetwork && !old.sameNetwork);
}

/** The policy of such a viewer. The broadcaster can be stricter than the server's settings, never laxer. */
export function policyFor(server: Policy, sharing: Sharing, { group, cellular }: Standing): Policy {
  const { mode, paths, uploadLimitKbps, uploadBudgetMb } = sharing;
  const takesPart = group === 'sharing' || group === 'rehearsing';
  if (mode === 'off' || !takesPart || (cellular && sharing.cellular === 'off'))
    return { ...server, mode: 'off' };
  const limit = mode === 'download-only' ? 0 : uploadLimitKbps;
  return {
    ...server,
    ...(paths === 'relay-only' && server.mode === 'full' && { mode: paths }),
    ...(limit !== null && { uploadLimitKbps: Math.min(limit, server.uploadLimitKbps ?? limit) }),
    ...(uploadBudgetMb !== null && { uploadBudgetMb: Math.min(uploadBudgetMb, server.uploadBudgetMb) }),
  };
}

/** @returns 0 to 1, evenly distributed */
function draw(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE() / 2 ** 32;
}
