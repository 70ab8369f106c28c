/**
 * What a home's router does with UDP. `cone`: one outside port for each inside one, to whomever it sends. `symmetric`:
 * another one for each destination, so that no peer can guess it. `no-udp`: drops it.
 */
type NatKind = 'cone' | 'symmetric' | 'no-udp';

/** A home: one viewer behind a router of its own, on a line of its own to the lab's internet. */
export interface Home {
  readonly nat: NatKind;
  /** From the home to the lab's internet, one way: two homes are four of these apart and back. */
  readonly oneWayMs: number;
  /** Extra delay that wanders between 0 and this, without reordering. */
  readonly jitterMs: number;
  /** Share of packets that the line loses, each way. */
  readonly loss: number;
  readonly upKbps: number;
  readonly downKbps: number;
  /** What the modem queues at its rate before it drops, each way. */
  readonly queueMs: number;
}
