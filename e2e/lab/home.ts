/**
 * How a home's router handles UDP. `cone`: one outside port for each inside port, for all destinations. `symmetric`:
 * another outside port for each destination, so that no peer can guess it. `no-udp`: drops UDP.
 */
type NatKind = 'cone' | 'symmetric' | 'no-udp';

/** A home: one viewer behind its own router, on its own line to the lab's internet. */
export interface Home {
  readonly nat: NatKind;
  /** Delay from the home to the lab's internet, one way. A round trip between two homes takes four of these. */
  readonly oneWayMs: number;
  /** Extra delay varies between 0 and this value, without reordering. */
  readonly jitterMs: number;
  /** Share of packets that the line loses, each way. */
  readonly loss: number;
  readonly upKbps: number;
  readonly downKbps: number;
  /** Length of the modem's queue at its rate, each way. Packets beyond it are dropped. */
  readonly queueMs: number;
}
