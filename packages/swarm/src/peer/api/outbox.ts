import type { ControlFrame, Millis, PeerId } from '@freshet/protocol';
import type { PeerCommand } from './peer-command.ts';

/** The outcome of one call of `handle`: the commands, the time of the call, and the time of the next tick. */
export class Outbox {
  now: Millis = 0;
  #commands: PeerCommand[] = [];
  /** When the next tick is due; Infinity: only an event can change anything. */
  wakeAt: Millis = Number.POSITIVE_INFINITY;

  open(now: Millis): void {
    this.now = now;
    this.#commands = [];
    this.wakeAt = Number.POSITIVE_INFINITY;
  }

  put(command: PeerCommand): void {
    this.#commands.push(command);
  }

  send(peer: PeerId, frame: ControlFrame): void {
    this.put({ type: 'send', peer, frame });
  }

  /** Whether `time` is still to come; then a tick is asked for at that time. */
  awaits(time: Millis): boolean {
    if (time <= this.now) return false;
    this.wakeBy(time);
    return true;
  }

  /** Asks for a tick at `time` at the latest. */
  wakeBy(time: Millis): void {
    this.wakeAt = Math.min(this.wakeAt, time);
  }

  /** Lets `planner` plan. @returns when it asks for a tick, apart from those before; Infinity: it does not. */
  watch<Segment>(planner: { plan(segment: Segment): void }, segment: Segment): Millis {
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
