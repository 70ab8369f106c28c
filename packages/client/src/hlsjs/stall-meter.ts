import type { Millis } from '@freshet/protocol';

/** The moments of playback that matter here. */
export type MediaMoment =
  'loading' | 'canplay' | 'playing' | 'waiting' | 'seeking' | 'seeked' | 'pause' | 'play';

/**
 * Startup and stalls as CMCD defines them (CTA-5004, `su` and `bs`). Startup is the time from loading the stream until
 * it could play for the first time. A stall is playback running out of media after that. Waiting because of a seek or
 * while paused does not count.
 */
export class StallMeter {
  stalls = 0;
  startupMs: Millis | undefined;
  #loadingSince: Millis | undefined;
  #seeking = false;
  #paused = true;
  #waiting = false;

  /** Whether playback stalls now. */
  get stalled(): boolean {
    return this.#waiting;
  }

  saw(moment: MediaMoment, now: Millis): void {
    switch (moment) {
      case 'loading':
        this.#loadingSince ??= now;
        break;
      case 'canplay':
      case 'playing':
        // Where autoplay is refused, `playing` waits for the viewer's click. Startup ends when playback is possible.
        if (this.#loadingSince !== undefined) this.startupMs ??= now - this.#loadingSince;
        if (moment === 'playing') this.#seeking = this.#waiting = false;
        break;
      case 'waiting':
        if (this.startupMs === undefined || this.#seeking || this.#paused || this.#waiting) break;
        this.#waiting = true;
        this.stalls++;
        break;
      case 'seeking':
        this.#seeking = true;
        this.#waiting = false;
        break;
      case 'seeked':
        break;
      case 'pause':
        this.#paused = true;
        break;
      case 'play':
        this.#paused = false;
        break;
    }
  }
}
