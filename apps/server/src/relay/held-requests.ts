import type { ServerResponse } from 'node:http';
import type { Millis } from '@freshet/protocol';
import type { LiveEdge } from '../buffer/live-edge.ts';

/** How a held request ended. `late`: it was not to be had in time; `full`: too many are held; `gone`: nobody listens. */
export type HeldOutcome = 'ready' | 'late' | 'full' | 'gone';

/** Requests held at a time, of all streams. Each costs a socket and a timer; over it a player polls, told 503. */
const MAX_HELD = 10_000;

/** Requests that wait for a part or a playlist which is about to be. */
export class HeldRequests {
  readonly #max: number;
  /** How to end each. */
  readonly #held = new Set<() => void>();
  #stopped = false;

  /** @param stopping ends them all: the server goes */
  constructor(stopping?: AbortSignal, max = MAX_HELD) {
    this.#max = max;
    stopping?.addEventListener('abort', () => {
      this.#stopped = true;
      for (const end of this.#held) end();
    });
  }

  get size(): number {
    return this.#held.size;
  }

  /** Waits until `ready` says so after a change at the edge, or the time is up, or the client is gone. */
  hold(edge: LiveEdge, response: ServerResponse, waitMs: Millis, ready: () => boolean): Promise<HeldOutcome> {
    if (ready()) return Promise.resolve('ready');
    if (response.destroyed) return Promise.resolve('gone');
    if (this.#held.size >= this.#max) return Promise.resolve('full');
    if (this.#stopped) return Promise.resolve('late');
    return new Promise((resolve) => {
      const end = (outcome: HeldOutcome) => {
        this.#held.delete(late);
        stopListening();
        clearTimeout(timer);
        response.off('close', gone);
        resolve(outcome);
      };
      const gone = () => {
        end('gone');
      };
      const late = () => {
        end('late');
      };
      const stopListening = edge.onChange(() => {
        if (ready()) end('ready');
      });
      const timer = setTimeout(late, waitMs);
      response.once('close', gone);
      this.#held.add(late);
    });
  }
}
