import type { Millis } from '@freshet/protocol';
import { EgressGate } from '@freshet/swarm';

/** Who is served. Default of everything that takes one: everybody. */
export interface Admission {
  /** Whether who asks for a stream may begin to watch. */
  newcomer(): boolean;
  /** Whether bytes `start` to `end`, exclusive, of a segment are sent. @param name of it, that no other has. */
  segment(name: string, bytes: number, start: number, end: number): boolean;
}

/** @param refused told of everybody who is turned away. */
export function admissionBelow(limitMbps: number, now: () => Millis, refused: () => void): Admission {
  const gate = new EgressGate(limitMbps * 1e6);
  const judge = (admitted: boolean) => {
    if (!admitted) refused();
    return admitted;
  };
  return {
    newcomer: () => judge(gate.admitsNewcomer(now())),
    segment: (name, bytes, start, end) => judge(gate.admits(name, bytes, start, end, now())),
  };
}
