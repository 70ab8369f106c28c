import type { ServerResponse } from 'node:http';
import type { Millis } from '@freshet/protocol';
import type { LiveEdge } from '../buffer/live-edge.ts';

/** How a held request ended. `late`: the time is up; `full`: too many are held; `gone`: the client disconnected. */
export type HeldOutcome = 'ready' | 'late' | 'full' | 'gone';

/** Requests held at a time, over all streams. Each costs a socket and a timer. Above it, players get 503 and poll. */
const MAX_HELD = 10_000;

/** Holds requests for a part or a playlist that does not exist yet. */
export class HeldRequests {
  readonly #max: number;
  /** A function for each held request, which ends it. */
  readonly #held = new Set<() => void>();
  #stopped = false;

  /** @param stopping ends all held requests when the server stops */
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

  /** Waits until `ready` is true after a change at the edge, the time is up, or the client disconnects. */
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
