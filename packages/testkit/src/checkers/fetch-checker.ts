import type { Millis } from '@freshet/protocol';
import type { FetchId, PeerCommand, PeerEvent } from '@freshet/swarm';
import type { ObservedViewer } from '../lab/lab-observer.ts';
import { Checker, PerViewer } from './checker.ts';

/** A browser opens six connections to one host. */
const MAX_RUNNING = 6;
/** Ticks in one second. A core with more asks to be woken and then does nothing. */
const MAX_TICKS = 400;

/** Transfers have unique ids, are few at a time, and are aborted only while they run. Ticks are few as well. */
export class FetchChecker extends Checker {
  readonly #running = new PerViewer(() => new Set<FetchId>());
  readonly #used = new PerViewer(() => new Set<FetchId>());
  readonly #ticks = new PerViewer(() => ({ second: 0, count: 0 }));

  told(viewer: ObservedViewer, event: PeerEvent, now: Millis): void {
    if (event.type === 'origin-ended') this.#running.of(viewer).delete(event.fetch);
    if (event.type !== 'tick') return;
    const ticks = this.#ticks.of(viewer);
    const second = Math.floor(now / 1000);
    if (ticks.second !== second) ticks.count = 0;
    ticks.second = second;
    if (++ticks.count === MAX_TICKS) this.breach(viewer, now, `${MAX_TICKS} ticks in a second`);
  }

  decided(viewer: ObservedViewer, command: PeerCommand, now: Millis): void {
    const running = this.#running.of(viewer);
    if (command.type === 'abort-fetch' && !running.has(command.fetch))
      this.breach(viewer, now, `aborts fetch ${command.fetch}, which does not run`);
    if (command.type !== 'fetch') return;
    const used = this.#used.of(viewer);
    if (used.has(command.fetch)) this.breach(viewer, now, `names a second fetch ${command.fetch}`);
    used.add(command.fetch);
    running.add(command.fetch);
    if (running.size > MAX_RUNNING) this.breach(viewer, now, `${running.size} transfers at a time`);
    if (command.span !== undefined && command.span.first > command.span.last)
      this.breach(viewer, now, `fetch ${command.fetch} of nothing`);
  }
}
