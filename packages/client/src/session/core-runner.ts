import type { Millis } from '@freshet/protocol';
import type { PeerCommand, PeerEvent, TraceRecorder } from '@freshet/swarm';
import { type CallOff, setAlarm } from '../util/alarm.ts';
import type { Clock } from '../util/clock.ts';

/** The members of PeerCore that are used here. */
export interface Core {
  handle(event: PeerEvent, now: Millis): readonly PeerCommand[];
  readonly wakeAt: Millis | undefined;
}

/** The least time between two ticks: a core that asks to be woken in the past must not keep the page busy. */
const MIN_SLEEP_MS = 4;

/**
 * Runs the core: passes it every event with the time, executes the commands that it returns in order, and wakes it at
 * `wakeAt`. Decides nothing.
 */
export class CoreRunner {
  readonly #core: Core;
  readonly #execute: (command: PeerCommand) => void;
  readonly #fault: (error: unknown) => void;
  readonly #clock: Clock;
  readonly #recorder: Pick<TraceRecorder, 'step'>;
  readonly #queue: PeerEvent[] = [];
  #running = false;
  #closed = false;
  #callOff: CallOff | undefined;
  #firesAt: Millis = 0;

  constructor(
    core: Core,
    execute: (command: PeerCommand) => void,
    fault: (error: unknown) => void,
    clock: Clock,
    recorder: Pick<TraceRecorder, 'step'>,
  ) {
    this.#core = core;
    this.#execute = execute;
    this.#fault = fault;
    this.#clock = clock;
    this.#recorder = recorder;
  }

  /** An event that occurs while commands are executed waits in a queue: the core is never re-entered. */
  dispatch(event: PeerEvent): void {
    if (this.#closed) return;
    this.#queue.push(event);
    if (this.#running) return;
    this.#running = true;
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) this.#run(next);
    this.#running = false;
    this.#sleep();
  }

  close(): void {
    this.#closed = true;
    this.#queue.length = 0;
    this.#callOff?.();
  }

  #run(event: PeerEvent): void {
    const now = this.#clock();
    let commands: readonly PeerCommand[] = [];
    try {
      commands = this.#core.handle(event, now);
    } catch (error) {
      this.#fault(error);
    }
    this.#recorder.step(event, now, commands);
    for (const command of commands) {
      try {
        this.#execute(command);
      } catch (error) {
        this.#fault(error);
      }
    }
  }

  /** Keeps an alarm that is already set and rings in time: most events do not move it. */
  #sleep(): void {
    const { wakeAt } = this.#core;
    if (wakeAt === undefined || this.#closed) return;
    if (this.#callOff !== undefined && this.#firesAt <= wakeAt) return;
    this.#callOff?.();
    const now = this.#clock();
    this.#firesAt = Math.max(now + MIN_SLEEP_MS, wakeAt);
    this.#callOff = setAlarm(() => {
      this.#wake();
    }, this.#firesAt - now);
  }

  #wake(): void {
    this.#callOff = undefined;
    const { wakeAt } = this.#core;
    if (wakeAt !== undefined && wakeAt <= this.#clock()) this.dispatch({ type: 'tick' });
    else this.#sleep();
  }
}
