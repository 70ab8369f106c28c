import type { Millis } from '@freshet/protocol';
import type Hls from 'hls.js';
import type { ErrorData } from 'hls.js';
import type { Clock } from './clock.ts';
import { playheadDeadline } from './playhead-deadline.ts';
import type { FreshetWarning } from './public-types.ts';
import { Recovery } from './recovery.ts';
import { type MediaMoment, StallMeter } from './stall-meter.ts';

const MOMENTS: readonly MediaMoment[] = [
  'canplay',
  'playing',
  'waiting',
  'seeking',
  'seeked',
  'pause',
  'play',
];

/** hls.js's own assumption before it measured anything, in bit/s. */
const UNKNOWN_BPS = 500_000;

export interface PlayheadHandlers {
  /** The playhead moved otherwise than by playing, or stopped, or went on: deadlines are others now. */
  onMoved(): void;
  /** The player plays, for the first time or again. */
  onPlaying(): void;
  onWarning(warning: FreshetWarning): void;
  /** hls.js is being destroyed. */
  onDestroyed(): void;
}

/** Where the player is: read off hls.js and its media element. Without a player everything is due at once. */
export class Playhead {
  readonly meter = new StallMeter();
  readonly #clock: Clock;
  readonly #handlers: PlayheadHandlers;
  #hls: Hls | undefined;
  #media: HTMLMediaElement | undefined;
  #detach: (() => void) | undefined;

  constructor(clock: Clock, handlers: PlayheadHandlers) {
    this.#clock = clock;
    this.#handlers = handlers;
  }

  /** Follows `hls` until it is destroyed or another one is attached. */
  attach(hls: Hls): void {
    this.detach();
    // The caller's own hls.js: its event names, without importing its code here.
    const Events = (hls.constructor as typeof Hls).Events;
    const recovery = new Recovery(
      hls,
      (warning) => {
        this.#handlers.onWarning(warning);
      },
      this.#clock,
    );
    const onLoading = () => {
      this.meter.saw('loading', this.#clock());
    };
    const onAttached = () => {
      this.#listen(hls.media ?? undefined);
    };
    const onDetaching = () => {
      // Also while hls.js recovers from a media error: only the element is let go, nothing else.
      this.#listen(undefined);
    };
    const onError = (_name: unknown, error: ErrorData) => {
      recovery.failed(error);
    };
    const onBuffered = () => {
      recovery.buffered();
    };
    const onDestroying = () => {
      this.#handlers.onDestroyed();
    };
    hls.on(Events.MANIFEST_LOADING, onLoading);
    hls.on(Events.MEDIA_ATTACHED, onAttached);
    hls.on(Events.MEDIA_DETACHING, onDetaching);
    hls.on(Events.ERROR, onError);
    hls.on(Events.FRAG_BUFFERED, onBuffered);
    hls.on(Events.DESTROYING, onDestroying);
    this.#hls = hls;
    this.#listen(hls.media ?? undefined);
    this.#detach = () => {
      recovery.close();
      this.#listen(undefined);
      this.#hls = undefined;
      hls.off(Events.MANIFEST_LOADING, onLoading);
      hls.off(Events.MEDIA_ATTACHED, onAttached);
      hls.off(Events.MEDIA_DETACHING, onDetaching);
      hls.off(Events.ERROR, onError);
      hls.off(Events.FRAG_BUFFERED, onBuffered);
      hls.off(Events.DESTROYING, onDestroying);
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
    // Attached to an element that plays already.
    if (media?.paused === false) this.meter.saw('play', this.#clock());
  }

  readonly #onMoment = (event: Event): void => {
    const moment = MOMENTS.find((name) => name === event.type);
    if (moment !== undefined) this.meter.saw(moment, this.#clock());
    if (moment === 'playing') this.#handlers.onPlaying();
    this.#handlers.onMoved();
  };
}
