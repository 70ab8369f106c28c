import type { ServerResponse } from 'node:http';
import type { Millis } from '@freshet/protocol';

/** The responses in progress. A shutdown waits for them. */
export class OpenResponses {
  readonly #open = new Set<ServerResponse>();
  readonly #waiting = new Set<() => void>();

  get size(): number {
    return this.#open.size;
  }

  track(response: ServerResponse): void {
    this.#open.add(response);
    response.once('close', () => {
      this.#open.delete(response);
      if (this.#open.size === 0) for (const resume of this.#waiting) resume();
    });
  }

  /** Resolves when no response is left, or after `timeoutMs`. @returns the number of responses left */
  async settle(timeoutMs: Millis): Promise<number> {
    if (this.#open.size > 0) {
      await new Promise<void>((resolve) => {
        const resume = () => {
          clearTimeout(timer);
          this.#waiting.delete(resume);
          resolve();
        };
        const timer = setTimeout(resume, timeoutMs);
        this.#waiting.add(resume);
      });
    }
    return this.#open.size;
  }
}
