import type { Reporter, TestCase, TestResult } from '@playwright/test/reporter';
import { stripVTControlCharacters } from 'node:util';
import { machineMs } from './machine-ms.ts';

const TICK_MS = 50;
/** Lines kept of each error: its message, the expected and the received value. */
const LINES = 5;

/**
 * Reports what is needed to judge a failure on another machine: how busy the machine was during each test, and at the
 * end all errors in a few lines each, without attachments between them.
 */
export default class MachineReporter implements Reporter {
  readonly #failures: string[] = [];
  #before = machineMs();
  #tickedAt = performance.now();
  #longestGapMs = 0;
  #timer: NodeJS.Timeout | undefined;

  printsToStdio(): boolean {
    return true;
  }

  onBegin(): void {
    this.#timer = setInterval(() => {
      this.#tick();
    }, TICK_MS);
  }

  onTestBegin(): void {
    this.#before = machineMs();
    this.#longestGapMs = 0;
  }

  onTestEnd(test: TestCase, { status, errors }: TestResult): void {
    if (status === 'skipped') return;
    const after = machineMs();
    const idle = (after.idle - this.#before.idle) / Math.max(1, after.all - this.#before.all);
    const machine = `machine ${(idle * 100).toFixed(0)} % idle, longest pause ${this.#longestGapMs.toFixed(0)} ms`;
    console.log(`      ${machine}`);
    if (status !== test.expectedStatus)
      this.#failures.push([`${test.title} (${machine})`, ...errors.map(inShort)].join('\n'));
  }

  onEnd(): void {
    clearInterval(this.#timer);
    if (this.#failures.length > 0) console.log(`\nSummary of failures:\n\n${this.#failures.join('\n\n')}\n`);
  }

  /** The timer is late if the machine is suspended or has no core left for this process. */
  #tick(): void {
    const now = performance.now();
    this.#longestGapMs = Math.max(this.#longestGapMs, now - this.#tickedAt - TICK_MS);
    this.#tickedAt = now;
  }
}

function inShort({ message = '' }: { readonly message?: string }): string {
  const lines = stripVTControlCharacters(message)
    .split('\n')
    .filter((line) => line.trim() !== '');
  return lines
    .slice(0, LINES)
    .map((line) => `  ${line}`)
    .join('\n');
}
