import type { Millis } from '@freshet/protocol';
import type Hls from 'hls.js';
import type { HlsListeners } from 'hls.js';
import type { FreshetWarning } from '../api.ts';
import { ErrorRecovery } from './error-recovery.ts';
import { playheadDeadline } from './playhead-deadline.ts';
import { type MediaMoment, StallMeter } from './stall-meter.ts';
import type { Clock } from '../util/clock.ts';

const MOMENTS: readonly MediaMoment[] = [
  'canplay',
  'playing',
  'waiting',
  'seeking',
  'seeked',
  'pause',
  'play',
];

/** hls.js's own assumption before the first measurement, in bit/s. */
const UNKNOWN_BPS = 500_000;

export interface PlayerObserverHandlers {
  /** The playhead jumped, stopped, resumed or changed its rate: deadlines have changed. */
  onMoved(): void;
  /** The player starts to play, for the first time or again. */
  onPlaying(): void;
  onWarning(warning: FreshetWarning): void;
  /** hls.js is being destroyed. */
  onDestroyed(): void;
}

/** Observes hls.js and its media element: playhead, stalls, errors. Without a player everything is due at once. */
export class PlayerObserver {
  readonly meter = new StallMeter();
  readonly #clock: Clock;
  readonly #handlers: PlayerObserverHandlers;
  #hls: Hls | undefined;
  #media: HTMLMediaElement | undefined;
  #detach: (() => void) | undefined;

  constructor(clock: Clock, handlers: PlayerObserverHandlers) {
    this.#clock = clock;
    this.#handlers = handlers;
  }

  /** Follows `hls` until it is destroyed or another one is attached. */
  attach(hls: Hls): void {
    this.detach();
    // The event names of the caller's own hls.js, so that its code is not imported here.
    const Events = (hls.constructor as typeof Hls).Events;
    const recovery = new ErrorRecovery(
      hls,
      (warning) => {
        this.#handlers.onWarning(warning);
      },
      this.#clock,
    );
    const stop: (() => void)[] = [];
    const on = <E extends keyof HlsListeners>(event: E, listener: HlsListeners[E]) => {
      hls.on(event, listener);
      stop.push(() => {
        hls.off(event, listener);
      });
    };
    on(Events.MANIFEST_LOADING, () => {
      this.meter.saw('loading', this.#clock());
    });
    on(Events.MEDIA_ATTACHED, () => {
      this.#listen(hls.media ?? undefined);
    });
    // Also fires while hls.js recovers from a media error: only the element is released, nothing else.
    on(Events.MEDIA_DETACHING, () => {
      this.#listen(undefined);
    });
    on(Events.ERROR, (_name, error) => {
      recovery.failed(error);
    });
    on(Events.FRAG_BUFFERED, () => {
      recovery.buffered();
    });
    on(Events.DESTROYING, () => {
      this.#handlers.onDestroyed();
    });
    this.#hls = hls;
    this.#listen(hls.media ?? undefined);
    this.#detach = () => {
      recovery.close();
      this.#listen(undefined);
      this.#hls = undefined;
      for (const off of stop) off();
    };
  }

  detach(): void {
    this.#detach?.();
    this.#detach = undefined;
  }

  deadlineOf(mediaStart: number): Millis {
    const now = this.#clock();
    if (this.#media === undefined || this.meter.stalled) return now;
    return playheadDeadline(this.#media, mediaStart, now);
  }

  get bandwidthEstimate(): number {
    const estimate = this.#hls?.bandwidthEstimate ?? UNKNOWN_BPS;
    return Number.isFinite(estimate) && estimate > 0 ? estimate : UNKNOWN_BPS;
  }

  get mayClimb(): boolean {
    const hls = this.#hls;
    return hls?.autoLevelEnabled === true && hls.loadLevel < hls.maxAutoLevel;
  }

  get latencySeconds(): number | undefined {
    const latency = this.#hls?.latency ?? 0;
    return latency > 0 ? latency : undefined;
  }

  #listen(media: HTMLMediaElement | undefined): void {
    if (media === this.#media) return;
    for (const moment of [...MOMENTS, 'ratechange']) this.#media?.removeEventListener(moment, this.#onMoment);
    this.#media = media;
    for (const moment of [...MOMENTS, 'ratechange']) media?.addEventListener(moment, this.#onMoment);
    // The element may be playing already.
    if (media?.paused === false) this.meter.saw('play', this.#clock());
  }

  readonly #onMoment = (event: Event): void => {
    const moment = MOMENTS.find((name) => name === event.type);
    if (moment !== undefined) this.meter.saw(moment, this.#clock());
    if (moment === 'playing') this.#handlers.onPlaying();
    this.#handlers.onMoved();
  };
}
