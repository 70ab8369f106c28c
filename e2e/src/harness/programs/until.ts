import { setTimeout as pause } from 'node:timers/promises';

export interface UntilOptions {
  /** For the error message: "waited 10 s for …". */
  readonly what: string;
  readonly timeoutMs: number;
  readonly everyMs?: number;
}

/**
 * Calls `ask` until its result is neither undefined nor false.
 * @throws Error that names `what`, with the last error of `ask` as its cause if the last call threw.
 */
export async function until<T>(
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  { what, timeoutMs, everyMs = 50 }: UntilOptions,
): Promise<T> {
  const end = performance.now() + timeoutMs;
  let last: unknown;
  while (performance.now() < end) {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
      last = undefined;
    } catch (error) {
      last = error;
    }
    await pause(everyMs);
  }
  throw new Error(`waited ${timeoutMs / 1000} s for ${what}`, { cause: last });
}
