import type { ServerResponse } from 'node:http';
import type { Millis } from '@freshet/protocol';
import type { LiveEdge } from '../buffer/live-edge.ts';
import type { PrefixShare } from '../guard/prefix-share.ts';

/** How a held request ended. `late`: the time is up; `full`: too many are held; `gone`: the client disconnected. */
export type HeldOutcome = 'ready' | 'late' | 'full' | 'gone';

/** Holds the requests of one address prefix. */
export interface Holder {
  /** Waits until `ready` is true after a change at the edge, the time is up, or the client disconnects. */
  hold(edge: LiveEdge, response: ServerResponse, waitMs: Millis, ready: () => boolean): Promise<HeldOutcome>;
}

/** Holds requests for a part or a playlist that does not exist yet. */
export class HeldRequests {
  readonly #places: PrefixShare;
  /** A function for each held request, which ends it. */
  readonly #held = new Set<() => void>();
  #stopped = false;

  /** @param places without one, players get 503 and poll @param stopping ends all held requests when the server stops */
  constructor(places: PrefixShare, stopping?: AbortSignal) {
    this.#places = places;
    stopping?.addEventListener('abort', () => {
      this.#stopped = true;
      for (const end of this.#held) end();
    });
  }

  /** @param prefix the address prefix of the clients */
  of(prefix: string): Holder {
    return {
      hold: (edge, response, waitMs, ready) => this.#hold(prefix, edge, response, waitMs, ready),
    };
  }

  #hold(
    prefix: string,
    edge: LiveEdge,
    response: ServerResponse,
    waitMs: Millis,
    ready: () => boolean,
  ): Promise<HeldOutcome> {
    if (ready()) return Promise.resolve('ready');
    if (response.destroyed) return Promise.resolve('gone');
    if (this.#stopped) return Promise.resolve('late');
    const release = this.#places.take(prefix);
    if (release === undefined) return Promise.resolve('full');
    return new Promise((resolve) => {
      const end = (outcome: HeldOutcome) => {
        this.#held.delete(late);
        release();
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
