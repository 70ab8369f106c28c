import type { LabSummary } from './summary.ts';

/** With less idle time, threads wait for a core, and that wait is measured as delay of the line or the player. */
const LEAST_IDLE = 0.1;

/** @returns one sentence for each engine during whose runs the machine had too little idle time. */
export function machineWarnings(summaries: readonly LabSummary[]): readonly string[] {
  return summaries
    .filter(({ idle }) => idle < LEAST_IDLE)
    .map(
      ({ swarm, idle, lab, others }) =>
        `The figures of ${swarm.label} are NOT VALID: the machine was idle for ${percent(idle)} of the time, ` +
        `less than ${percent(LEAST_IDLE)}. The lab used ${percent(lab)}, other programs ${percent(others)}.`,
    );
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}
