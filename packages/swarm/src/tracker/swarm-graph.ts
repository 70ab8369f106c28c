import type { PeerId } from '@freshet/protocol';

/**
 * The parts of a swarm that pieces can spread in: peers with a way of links between them, largest first.
 * A link counts when one end reports it: the other's report may be a second behind.
 */
export function connectedParts(
  links: ReadonlyMap<PeerId, ReadonlySet<PeerId>>,
): readonly (readonly PeerId[])[] {
  const ways = bothWays(links);
  const parts: PeerId[][] = [];
  const seen = new Set<PeerId>();
  for (const start of ways.keys()) {
    if (seen.has(start)) continue;
    seen.add(start);
    const part = [start];
    // `part` grows while it is walked: a queue.
    for (const peer of part) {
      for (const other of ways.get(peer) ?? []) {
        if (seen.has(other)) continue;
        seen.add(other);
        part.push(other);
      }
    }
    parts.push(part);
  }
  return parts.sort((a, b) => b.length - a.length);
}

function bothWays(links: ReadonlyMap<PeerId, ReadonlySet<PeerId>>): ReadonlyMap<PeerId, readonly PeerId[]> {
  const ways = new Map<PeerId, PeerId[]>([...links.keys()].map((peer) => [peer, []]));
  for (const [peer, others] of links) {
    for (const other of others) {
      if (!ways.has(other)) continue;
      ways.get(peer)?.push(other);
      ways.get(other)?.push(peer);
    }
  }
  return ways;
}
