/**
 * A viewer's NAT, as far as it affects links. `cone`: one outer port for all destinations; `symmetric`: another for
 * each; `blocked`: no UDP gets through. A `far` home is behind a cone that homes that are not `far` cannot reach, as if
 * two providers did not carry each other's packets.
 */
export type Nat = 'cone' | 'symmetric' | 'blocked' | 'far';

/** The service of a TURN server on the origin's host. */
export type Turn = 'none' | 'udp' | 'tcp';

/**
 * The kind of link between two viewers; undefined: none is possible. Where both kinds are possible, the direct one is
 * used.
 */
export function passage(a: Nat, b: Nat, turn: Turn): 'direct' | 'relayed' | undefined {
  const isBlocked = a === 'blocked' || b === 'blocked';
  const isCut = (a === 'far') !== (b === 'far');
  const isDirect = !isBlocked && !isCut && (a !== 'symmetric' || b !== 'symmetric');
  if (isDirect) return 'direct';
  if (turn === 'tcp' || (turn === 'udp' && !isBlocked)) return 'relayed';
  return undefined;
}
