import type { Millis } from '@freshet/protocol';
import type { PeerCommand, PeerEvent } from '@freshet/swarm';
import type { Clock, Timer } from './clock.ts';

/** What the host needs of a PeerCore. */
export interface Core {
  handle(event: PeerEvent, now: Millis): readonly PeerCommand[];
  readonly wakeAt: Millis | undefined;
}

/** Between two ticks at least: a core that asked to be woken in the past must not spin the page. */
const MIN_SLEEP_MS = 4;

/**
 * Runs the core: every event goes in with the time, every command that comes out is carried out in order, and the
 * clock wakes it when it asked for that. Decides nothing.
 */
export class PeerHost {
  readonly #core: Core;
  readonly #perform: (command: PeerCommand) => void;
  readonly #fault: (error: unknown) => void;
  readonly #clock: Clock;
  readonly #queue: PeerEvent[] = [];
  #running = false;
  #closed = false;
  #timer: Timer | undefined;
  #firesAt: Millis = 0;

  constructor(
    core: Core,
    perform: (command: PeerCommand) => void,
    fault: (error: unknown) => void,
    clock: Clock,
  ) {
    this.#core = core;
    this.#perform = perform;
    this.#fault = fault;
    this.#clock = clock;
  }

  /** An event that comes up while commands are carried out waits for its turn: the core is never entered twice. */
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
    clearTimeout(this.#timer);
  }

  #run(event: PeerEvent): void {
    let commands: readonly PeerCommand[] = [];
    try {
      commands = this.#core.handle(event, this.#clock());
    } catch (error) {
      this.#fault(error);
    }
    for (const command of commands) {
      try {
        this.#perform(command);
      } catch (error) {
        this.#fault(error);
      }
    }
  }

  /** A timer that is set already and fires in time is left alone: most events change nothing about it. */
  #sleep(): void {
    const { wakeAt } = this.#core;
    if (wakeAt === undefined || this.#closed) return;
    if (this.#timer !== undefined && this.#firesAt <= wakeAt) return;
    clearTimeout(this.#timer);
    const now = this.#clock();
    this.#firesAt = Math.max(now + MIN_SLEEP_MS, wakeAt);
    this.#timer = setTimeout(() => {
      this.#wake();
    }, this.#firesAt - now);
  }

  #wake(): void {
    this.#timer = undefined;
    const { wakeAt } = this.#core;
    if (wakeAt !== undefined && wakeAt <= this.#clock()) this.dispatch({ type: 'tick' });
    else this.#sleep();
  }
}
