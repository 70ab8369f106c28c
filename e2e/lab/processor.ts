import { machineMs } from '../src/harness/machine/machine-ms.ts';
import { type ProgramTimes, programTimes, type ProgramUse, programUse } from './programs.ts';

/** Processor time so far, in milliseconds: of the whole machine, and of the lab's own programs. */
export interface ProcessorTime {
  readonly idle: number;
  readonly all: number;
  readonly programs: ProgramTimes;
}

/** Shares of the machine's processor time between two moments. */
export interface ProcessorUse {
  /** Unused. */
  readonly idle: number;
  /** Used by the lab: browsers, server, carrier and the lab's own program. */
  readonly lab: number;
  /** The rest: other programs, and the kernel on its own behalf. */
  readonly others: number;
  readonly programs: ProgramUse;
}

export function processorTime(): ProcessorTime {
  return { ...machineMs(), programs: programTimes() };
}

export function processorUse(before: ProcessorTime, after: ProcessorTime): ProcessorUse {
  const all = after.all - before.all;
  const programs = programUse(before.programs, after.programs);
  const [idle, lab] = [(after.idle - before.idle) / all, programs.ms / all];
  return { idle, lab, others: 1 - idle - lab, programs };
}
