import { setTimeout as pause } from 'node:timers/promises';
import * as http from './http-attacks.ts';
import * as sockets from './socket-attacks.ts';
import type { Target } from './target.ts';

type Attack = (target: Target) => Promise<void>;

const ATTACKS: Readonly<Record<string, Attack>> = { ...http, ...sockets };
/** Time between two attacks: a low rate, beside which the viewers must not notice anything. */
const EVERY_MS = 3000;

/** Runs every kind of attack in turn until `signal` aborts. @returns how often each ran */
export async function attack(target: Target, signal: AbortSignal): Promise<Readonly<Record<string, number>>> {
  const runs: Record<string, number> = Object.fromEntries(Object.keys(ATTACKS).map((name) => [name, 0]));
  for (;;)
    for (const [name, run] of Object.entries(ATTACKS)) {
      if (signal.aborted) return runs;
      // What the server does to an attacker is not what is measured here.
      await run(target).catch(() => undefined);
      runs[name] = (runs[name] ?? 0) + 1;
      await pause(EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
}
