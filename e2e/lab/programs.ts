import { readdirSync, readFileSync } from 'node:fs';

/** The unit of /proc/PID/stat, on every Linux. */
const MS_PER_TICK = 10;

/** Processor time of the lab's own programs so far. In the enclosure /proc shows no others. */
export interface ProgramTimes {
  /** By process. */
  readonly processes: ReadonlyMap<string, { readonly kind: string; readonly ms: number }>;
  /** By thread: how long it waited for a core while ready to run, and how often it got one. */
  readonly threads: ReadonlyMap<string, { readonly waitedMs: number; readonly turns: number }>;
}

/** Processor time that they used between two moments. */
export interface ProgramUse {
  /** Processor time of each kind of program, in milliseconds, the largest first. */
  readonly msByKind: Readonly<Record<string, number>>;
  readonly ms: number;
  /** Mean wait of a thread for a core. NaN if the kernel does not account for it. */
  readonly waitMs: number;
}

export function programTimes(): ProgramTimes {
  const processes = new Map<string, { kind: string; ms: number }>();
  const threads = new Map<string, { waitedMs: number; turns: number }>();
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name)))
    try {
      const { name, ms } = processorMs(readFileSync(`/proc/${pid}/stat`, 'utf8'));
      // Chromium's zygote separates the words in its children's command lines with spaces.
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split(/[\0 ]/);
      processes.set(pid, { kind: kindOf(name, command), ms });
      for (const thread of readdirSync(`/proc/${pid}/task`)) {
        const account = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8');
        const [, waitedNs = Number.NaN, turns = Number.NaN] = account.split(' ').map(Number);
        threads.set(thread, { waitedMs: waitedNs / 1e6, turns });
      }
    } catch {
      // The process has ended, or the kernel keeps no such account.
    }
  return { processes, threads };
}

export function programUse(before: ProgramTimes, after: ProgramTimes): ProgramUse {
  const byKind = new Map<string, number>();
  for (const [pid, { kind, ms }] of after.processes)
    byKind.set(kind, (byKind.get(kind) ?? 0) + ms - (before.processes.get(pid)?.ms ?? 0));
  let [waitedMs, turns] = [0, 0];
  for (const [thread, now] of after.threads) {
    const then = before.threads.get(thread);
    waitedMs += now.waitedMs - (then?.waitedMs ?? 0);
    turns += now.turns - (then?.turns ?? 0);
  }
  return {
    msByKind: Object.fromEntries([...byKind].filter(([, ms]) => ms > 0).sort(([, a], [, b]) => b - a)),
    ms: [...byKind.values()].reduce((sum, ms) => sum + ms, 0),
    waitMs: waitedMs / turns,
  };
}

/** The name and the processor time of a process. @param stat content of /proc/PID/stat; the name may contain spaces. */
function processorMs(stat: string): { readonly name: string; readonly ms: number } {
  const end = stat.lastIndexOf(')');
  const fields = stat.slice(end + 2).split(' ');
  return {
    name: stat.slice(stat.indexOf('(') + 1, end),
    ms: (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK,
  };
}

/** The role of a process in the lab. @param command its command line, split into words */
export function kindOf(name: string, command: readonly string[]): string {
  const type = command.find((word) => word.startsWith('--type='))?.slice('--type='.length);
  if (type === 'utility') return command.some((word) => word.endsWith('NetworkService')) ? 'network' : type;
  if (type !== undefined) return type;
  if (command.some((word) => word.endsWith('/lab.ts'))) return 'lab';
  if (command.some((word) => word.endsWith('/server/dist/main.js'))) return 'server';
  return name.startsWith('chrom') ? 'browser' : name;
}
