import type { Millis } from '@freshet/protocol';
import type { WantId } from '@freshet/swarm';
import type { Appointment, VirtualClock } from '../clock/virtual-clock.ts';
import type { SourceSegment } from '../source/source-segment.ts';

export interface PlayerOptions {
  /** Segments between the live edge and where playback starts. */
  readonly startBehind: number;
  /** Nothing is requested while this much is buffered. */
  readonly bufferMs: Millis;
  /** Between a delivery and the next request: parsing and appending. */
  readonly turnaroundMs: Millis;
  /** Between a failure and the next request. */
  readonly retryMs: Millis;
}

/** The defaults of hls.js. */
export const HLS_JS: PlayerOptions = { startBehind: 3, bufferMs: 30_000, turnaroundMs: 15, retryMs: 1000 };

export interface PlayerHooks {
  /** `deadline`: the time at which the playhead needs it; now if the player already waits. */
  want(want: WantId, segment: SourceSegment, deadline: Millis): void;
  unwant(want: WantId): void;
}

/**
 * A player reduced to its effect on a swarm: it requests one segment after another as hls.js does, plays its buffer at
 * rate 1, and stalls when the buffer is empty. Its position is a time on the programme's timeline.
 */
export class PlayerModel {
  readonly #clock: VirtualClock;
  readonly #options: PlayerOptions;
  readonly #hooks: PlayerHooks;
  #playlist: readonly SourceSegment[] = [];
  #bufferedTo: Millis | undefined;
  /** The position of the playhead at `#since`. It moves only while `#playing`. */
  #position: Millis = 0;
  #since: Millis = 0;
  #playing = false;
  #outstanding: { readonly want: WantId; readonly segment: SourceSegment } | undefined;
  #nextWant: WantId = 1;
  #runsDry: Appointment | undefined;
  #nextAsk: Appointment | undefined;
  #stopped = false;
  #stalledSince: Millis | undefined;
  #stalledMs: Millis = 0;

  /** The time at which the first picture could be shown. */
  startedAt: Millis | undefined;
  stalls = 0;
  /** The number of jumps over segments that it could no longer get. */
  skips = 0;
  failures = 0;
  bufferedBytes = 0;

  constructor(clock: VirtualClock, options: PlayerOptions, hooks: PlayerHooks) {
    this.#clock = clock;
    this.#options = options;
    this.#hooks = hooks;
  }

  get isPlaying(): boolean {
    return this.#playing;
  }

  get position(): Millis {
    return this.#playing ? this.#position + this.#clock.now - this.#since : this.#position;
  }

  get aheadMs(): Millis {
    return this.#bufferedTo === undefined ? 0 : this.#bufferedTo - this.position;
  }

  get stalledMs(): Millis {
    return this.#stalledMs + (this.#stalledSince === undefined ? 0 : this.#clock.now - this.#stalledSince);
  }

  /** Between the end of the newest segment and the playhead; undefined before playback. */
  get latencyMs(): Millis | undefined {
    const newest = this.#playlist.at(-1);
    if (newest === undefined || this.startedAt === undefined) return undefined;
    return newest.startMs + newest.durationMs - this.position;
  }

  /** The playlist was reloaded, or an announcement replaced the reload. */
  learn(playlist: readonly SourceSegment[]): void {
    this.#playlist = playlist;
    this.#ask();
  }

  delivered(want: WantId): void {
    if (this.#outstanding?.want !== want) return;
    const { segment } = this.#outstanding;
    this.#outstanding = undefined;
    this.bufferedBytes += segment.bytes;
    this.#append(segment);
    this.#askIn(this.#options.turnaroundMs);
  }

  failed(want: WantId): void {
    if (this.#outstanding?.want !== want) return;
    this.#outstanding = undefined;
    this.failures++;
    this.#askIn(this.#options.retryMs);
  }

  /** Drops the outstanding request, as a seek or a level switch does, and makes a new one. */
  restartLoading(): void {
    if (this.#outstanding === undefined) return;
    this.#hooks.unwant(this.#outstanding.want);
    this.#outstanding = undefined;
    this.#askIn(this.#options.turnaroundMs);
  }

  stop(): void {
    this.#stopped = true;
    this.#runsDry?.cancel();
    this.#nextAsk?.cancel();
    this.#position = this.position;
    this.#playing = false;
    if (this.#stalledSince !== undefined) this.#stalledMs += this.#clock.now - this.#stalledSince;
    this.#stalledSince = undefined;
  }

  #askIn(delay: Millis): void {
    this.#nextAsk?.cancel();
    this.#nextAsk = this.#clock.after(delay, () => {
      this.#nextAsk = undefined;
      this.#ask();
    });
  }

  #ask(): void {
    if (this.#stopped || this.#outstanding !== undefined || this.#nextAsk !== undefined) return;
    const over = this.aheadMs - this.#options.bufferMs;
    if (over >= 0) {
      this.#askIn(over + 1);
      return;
    }
    const segment = this.#next();
    if (segment === undefined) return;
    const want = this.#nextWant++;
    this.#outstanding = { want, segment };
    this.#hooks.want(want, segment, this.#clock.now + (this.#playing ? this.aheadMs : 0));
  }

  #next(): SourceSegment | undefined {
    const playlist = this.#playlist;
    const start = playlist[Math.max(0, playlist.length - this.#options.startBehind)];
    const oldest = playlist[0];
    const bufferedTo = this.#bufferedTo;
    if (bufferedTo === undefined || oldest === undefined) return start;
    // The next segment has left the playlist: jump to where a new viewer would start.
    if (oldest.startMs > bufferedTo + 1) return start;
    return playlist.find(({ startMs }) => startMs >= bufferedTo - 1);
  }

  #append(segment: SourceSegment): void {
    const gap = this.#bufferedTo === undefined ? 0 : segment.startMs - this.#bufferedTo;
    if (gap > 1) this.skips++;
    this.#position = this.position + Math.max(0, gap);
    this.#since = this.#clock.now;
    if (this.#bufferedTo === undefined) this.#position = segment.startMs;
    this.#bufferedTo = segment.startMs + segment.durationMs;
    this.startedAt ??= this.#clock.now;
    if (this.#stalledSince !== undefined) this.#stalledMs += this.#clock.now - this.#stalledSince;
    this.#stalledSince = undefined;
    this.#playing = true;
    this.#runsDry?.cancel();
    this.#runsDry = this.#clock.after(this.aheadMs, () => {
      this.#stall();
    });
  }

  #stall(): void {
    this.#position = this.position;
    this.#playing = false;
    this.stalls++;
    this.#stalledSince = this.#clock.now;
  }
}
