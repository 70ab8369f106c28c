import type { Millis } from '@freshet/protocol';
import type { PeerCommand } from './peer-command.ts';

/** What one call of `handle` decided: the commands, the time they were decided at, and when to look again. */
export class Outbox {
  now: Millis = 0;
  #commands: PeerCommand[] = [];
  #wakeAt: Millis | undefined;

  get wakeAt(): Millis | undefined {
    return this.#wakeAt;
  }

  open(now: Millis): void {
    this.now = now;
    this.#commands = [];
    this.#wakeAt = undefined;
  }

  put(command: PeerCommand): void {
    this.#commands.push(command);
  }

  /** Asks for a tick at `time` at the latest. */
  wakeBy(time: Millis): void {
    if (this.#wakeAt === undefined || time < this.#wakeAt) this.#wakeAt = time;
  }

  close(): readonly PeerCommand[] {
    return this.#commands;
  }
}
