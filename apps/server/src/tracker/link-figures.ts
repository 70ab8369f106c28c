import type { LinksByKind } from '@freshet/api';
import { LIMITS, LINK_KINDS, type LinkKind, type Millis, type Report } from '@freshet/protocol';

/** Longer times to connect are not counted: clients do not wait that long for a link. */
const LONGEST_CONNECT_MS = 15_000;

/** A viewer's open links, as it reports them. Links without a reported kind are unknown. */
export function linksOf(report: Report | undefined): LinksByKind {
  return report?.links ?? byKind((kind) => (kind === 'unknown' ? (report?.neighbours.length ?? 0) : 0));
}

/** The sum over viewers. Each link is counted at both ends. */
export function sumLinks(all: readonly LinksByKind[]): LinksByKind {
  return byKind((kind) => all.reduce((sum, links) => sum + links[kind], 0));
}

/** The mean time from dialling to an open link, over the links that a viewer dialled. */
export function meanConnectMs(dialled: Report['dialled']): Millis | undefined {
  return dialled === undefined || dialled.links === 0 ? undefined : Math.round(dialled.ms / dialled.links);
}

/**
 * The times to connect of the links that opened between two reports of a viewer. Of several links, only the mean is
 * known. The first report is only the baseline: a viewer that returns over a new connection has reported its links
 * before.
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
