import type { LinksByKind } from '@freshet/api';
import { LIMITS, LINK_KINDS, type LinkKind, type Millis, type Report } from '@freshet/protocol';

/** A link that took longer to open than clients wait for one is not believed. */
const LONGEST_CONNECT_MS = 15_000;

/** Open links of a viewer by its own word. Those of whose kind it says nothing are unknown. */
export function linksOf(report: Report | undefined): LinksByKind {
  return report?.links ?? byKind((kind) => (kind === 'unknown' ? (report?.neighbours.length ?? 0) : 0));
}

/** Of all of them together: each link is counted at both ends. */
export function sumLinks(all: readonly LinksByKind[]): LinksByKind {
  return byKind((kind) => all.reduce((sum, links) => sum + links[kind], 0));
}

/** From dialling to an open link, mean of those that a viewer dialled. */
export function meanConnectMs(dialled: Report['dialled']): Millis | undefined {
  return dialled === undefined || dialled.links === 0 ? undefined : Math.round(dialled.ms / dialled.links);
}

/**
 * The times to connect of links that opened between two reports of a viewer; of several at once only the mean is known. The
 * first report only tells from where to count: a viewer that comes back over a new connection has told of its links before.
 */
export function connectTimes(before: Report['dialled'], now: Report['dialled']): readonly Millis[] {
  if (before === undefined || now === undefined) return [];
  const opened = now.links - before.links;
  const mean = (now.ms - before.ms) / opened;
  if (opened <= 0 || mean < 0 || mean > LONGEST_CONNECT_MS) return [];
  return Array.from({ length: Math.min(opened, LIMITS.neighbours) }, () => mean);
}

function byKind(count: (kind: LinkKind) => number): LinksByKind {
  return Object.fromEntries(LINK_KINDS.map((kind) => [kind, count(kind)])) as Record<LinkKind, number>;
}
