import type { PeerId } from '@freshet/protocol';

/** The parts of a swarm that pieces can spread in: peers with a way of links between them, largest first. */
export function connectedParts(
  links: ReadonlyMap<PeerId, ReadonlySet<PeerId>>,
): readonly (readonly PeerId[])[] {
  const parts: PeerId[][] = [];
  const seen = new Set<PeerId>();
  for (const start of links.keys()) {
    if (seen.has(start)) continue;
    seen.add(start);
    const part = [start];
    // `part` grows while it is walked: a queue.
    for (const peer of part) {
      for (const other of links.get(peer) ?? []) {
        if (seen.has(other) || !links.has(other)) continue;
        seen.add(other);
        part.push(other);
      }
    }
    parts.push(part);
  }
  return parts.sort((a, b) => b.length - a.length);
}
