import type { Millis } from '@freshet/protocol';
import type { PeerCommand } from './peer-command.ts';
import type { SegmentState } from './segment-state.ts';

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

  /** Apart from what was asked for so far: when `planner` asks to be looked at again; Infinity when it does not. */
  watch(planner: { plan(segment: SegmentState): void }, segment: SegmentState): Millis {
    const before = this.#wakeAt;
    this.#wakeAt = undefined;
    planner.plan(segment);
    const again = this.wakeAt ?? Number.POSITIVE_INFINITY;
    this.#wakeAt = before;
    return again;
  }

  close(): readonly PeerCommand[] {
    return this.#commands;
  }
}
