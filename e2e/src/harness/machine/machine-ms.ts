import { cpus } from 'node:os';

/** Processor time of all cores since the machine started, in milliseconds. */
export function machineMs(): { readonly idle: number; readonly all: number } {
  const times = cpus().map(({ times }) => times);
  return {
    idle: times.reduce((sum, { idle }) => sum + idle, 0),
    all: times.reduce((sum, { user, nice, sys, idle, irq }) => sum + user + nice + sys + idle + irq, 0),
  };
}
