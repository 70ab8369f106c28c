import type { Millis } from '@freshet/protocol';
import { EgressGate } from '@freshet/swarm';

/** Decides which requests are served. Without an admission, all are. */
export interface Admission {
  /** Whether a new viewer may begin to watch. */
  newcomer(): boolean;
  /** Whether bytes `start` to `end`, exclusive, of a segment are sent. @param name a unique name of the segment */
  segment(name: string, bytes: number, start: number, end: number): boolean;
}

/** @param refused called for each refusal */
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
