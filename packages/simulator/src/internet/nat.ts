/**
 * What stands between a viewer and the internet, as far as links care. `cone`: one outer port for all destinations;
 * `symmetric`: another for each; `blocked`: no UDP gets through. A `far` home is a cone that those who are not `far`
 * cannot reach, as if two providers did not carry each other's packets.
 */
export type Nat = 'cone' | 'symmetric' | 'blocked' | 'far';

/** What a TURN server at the origin's host offers. */
export type Turn = 'none' | 'udp' | 'tcp';

/** How a link between two viewers would be made; undefined: not at all. Where both ways work the direct one is taken. */
export function passage(a: Nat, b: Nat, turn: Turn): 'direct' | 'relayed' | undefined {
  const isBlocked = a === 'blocked' || b === 'blocked';
  const isCut = (a === 'far') !== (b === 'far');
  const isDirect = !isBlocked && !isCut && (a !== 'symmetric' || b !== 'symmetric');
  if (isDirect) return 'direct';
  if (turn === 'tcp' || (turn === 'udp' && !isBlocked)) return 'relayed';
  return undefined;
}
