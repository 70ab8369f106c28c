import type { Millis } from '@freshet/protocol';
import type { PeerCommand } from './peer-command.ts';
import type { SegmentState } from '../segments/segment-state.ts';

/** What one call of `handle` decided: the commands, the time they were decided at, and when to look again. */
export class Outbox {
  now: Millis = 0;
  #commands: PeerCommand[] = [];
  /** When to look again; Infinity: only after an event. */
  wakeAt: Millis = Number.POSITIVE_INFINITY;

  open(now: Millis): void {
    this.now = now;
    this.#commands = [];
    this.wakeAt = Number.POSITIVE_INFINITY;
  }

  put(command: PeerCommand): void {
    this.#commands.push(command);
  }

  /** Asks for a tick at `time` at the latest. */
  wakeBy(time: Millis): void {
    this.wakeAt = Math.min(this.wakeAt, time);
  }

  /** Apart from what was asked for so far: when `planner` asks to be looked at again; Infinity when it does not. */
  watch(planner: { plan(segment: SegmentState): void }, segment: SegmentState): Millis {
    const { wakeAt } = this;
    this.wakeAt = Number.POSITIVE_INFINITY;
    planner.plan(segment);
    const again = this.wakeAt;
    this.wakeAt = wakeAt;
    return again;
  }

  close(): readonly PeerCommand[] {
    return this.#commands;
  }
}
