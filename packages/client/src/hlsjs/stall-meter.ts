import type { Millis } from '@freshet/protocol';

/** What the media element does, as far as it matters here. */
export type MediaMoment =
  'loading' | 'canplay' | 'playing' | 'waiting' | 'seeking' | 'seeked' | 'pause' | 'play';

/**
 * Startup and stalls by CMCD's meaning (CTA-5004, `su` and `bs`): startup is the time from loading the stream until
 * it could play for the first time; a stall is playback running out of media after that. Waiting because of a seek
 * or while paused is none.
 */
export class StallMeter {
  stalls = 0;
  startupMs: Millis | undefined;
  #loadingSince: Millis | undefined;
  #seeking = false;
  #paused = true;
  #waiting = false;

  /** In a stall now. */
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
        // Where autoplay is refused `playing` waits for the viewer's click: what could play has started up.
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
