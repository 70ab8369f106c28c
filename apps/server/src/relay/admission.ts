import type { Millis } from '@freshet/protocol';
import { EgressGate, type EgressRequest } from '@freshet/swarm';

/** Takes back what is not sent. @param from the first byte of the request that was not sent */
export type Unsent = (from: number) => void;

/** Decides which requests are served. Without an admission, all are. */
export interface Admission {
  /** Whether a new viewer may begin to watch. */
  newcomer(prefix: string): boolean;
  /** Whether a playlist, an init segment or a piece list of so many bytes is sent. */
  small(bytes: number, prefix: string): boolean;
  /** Admits a request for bytes of a segment, which are sent at once. @returns undefined if it is refused */
  segment(request: EgressRequest): Unsent | undefined;
}

/** @param refused called for each refusal: `prefix` if that network uses more than its share */
export function admissionBelow(
  limitMbps: number,
  now: () => Millis,
  refused: (shortage: 'whole' | 'prefix') => void,
): Admission {
  const gate = new EgressGate(limitMbps * 1e6);
  const refuse = (prefix: string | undefined) => {
    refused(gate.isAboveShare(now(), prefix) ? 'prefix' : 'whole');
  };
  return {
    newcomer: (prefix) => {
      const admitted = gate.admitsNewcomer(now(), prefix);
      if (!admitted) refuse(prefix);
      return admitted;
    },
    small: (bytes, prefix) => {
      const admitted = gate.admitsSmall(bytes, now(), prefix);
      if (!admitted) refused('prefix');
      return admitted;
    },
    segment: (request) => {
      const promisedAt = now();
      if (!gate.admits(request, promisedAt)) {
        refuse(request.prefix);
        return undefined;
      }
      return (from) => {
        gate.unsent(request, from, promisedAt, now());
      };
    },
  };
}
