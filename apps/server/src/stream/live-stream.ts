import { EventEmitter } from 'node:events';
import type { RenditionId, StreamName } from '@freshet/protocol';
import { StreamBuffer } from '../buffer/stream-buffer.ts';
import type { StoredSegment } from '../buffer/stored-segment.ts';
import type { SourceProblem, SourceState } from './source-state.ts';

/** What fills a stream: a puller, or the built-in demo. */
export interface Feed {
  /** Resolves when nothing of it runs any more. */
  stop(): Promise<void>;
}

/** A stretch of the multivariant playlist, already rewritten for our own paths. */
export interface MultivariantPart {
  readonly lines: readonly string[];
  /** Left out while this rendition's source does not work, as long as that of another part of its `choice` does. */
  readonly rendition?: RenditionId;
  /** Parts between which a player chooses: the variants, or the members of one group. */
  readonly choice?: string;
}

export interface LiveStreamOptions {
  readonly name: StreamName;
  /** The server's start in seconds since 1970. */
  readonly epoch: number;
  readonly bufferSeconds?: number | undefined;
  readonly bufferBytes?: number | undefined;
  /** See `StreamBufferOptions`. */
  readonly dvrSeconds?: number | undefined;
}

/**
 * The one owner of a stream: its buffer, its state and its feed. `segment`: one entered the buffer and is listed;
 * `part`: a low-latency part of one that is under way did;
 * `loaded`: the bytes of one that was listed before were fetched on demand; `state`: the source's state changed.
 */
export class LiveStream extends EventEmitter<{
  segment: [StoredSegment];
  part: [StoredSegment];
  loaded: [StoredSegment];
  state: [SourceState];
}> {
  readonly name: StreamName;
  readonly buffer: StreamBuffer;
  /** From the source's multivariant playlist; undefined when there is none and the relay makes one. */
  multivariant: readonly MultivariantPart[] | undefined;
  #state: SourceState = 'starting';
  #problem: SourceProblem | undefined;
  #feed: Feed | undefined;

  constructor({ name, epoch, bufferSeconds, bufferBytes, dvrSeconds }: LiveStreamOptions) {
    super();
    // The tracker, and every player that waits for the stream to start.
    this.setMaxListeners(0);
    this.name = name;
    this.buffer = new StreamBuffer({
      epoch,
      bufferSeconds,
      bufferBytes,
      dvrSeconds,
      onSegment: (segment) => {
        if (this.#state === 'starting') this.setState('live');
        this.emit('segment', segment);
      },
      onPart: (part) => {
        this.emit('part', part);
      },
      onLoaded: (segment) => {
        this.emit('loaded', segment);
      },
    });
  }

  get state(): SourceState {
    return this.#state;
  }

  /**
   * Whether a player may start: some rendition has a segment, and none that is still coming lacks one. A multivariant
   * playlist is read once, so what it leaves out at the start is never seen by that viewer.
   */
  get playable(): boolean {
    let some = false;
    for (const rendition of this.buffer.renditions) {
      if (rendition.nextMsn !== undefined) some = true;
      else if (rendition.available) return false;
    }
    return some;
  }

  /** Media held now, in seconds. */
  get bufferSeconds(): number {
    return this.buffer.heldSeconds;
  }

  setState(state: SourceState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.emit('state', state);
  }

  /** Why nothing comes from the source, where that is known; undefined when it does. */
  get problem(): SourceProblem | undefined {
    return this.#problem;
  }

  setProblem(problem: SourceProblem | undefined): void {
    this.#problem = problem;
  }

  /** The feed is stopped with the stream. */
  attachFeed(feed: Feed): void {
    this.#feed = feed;
  }

  /** Newest segments of the current window, oldest first, at most `limit`, of all renditions together. */
  recentSegments(limit: number): readonly StoredSegment[] {
    return this.buffer.recentSegments(limit);
  }

  async close(): Promise<void> {
    await this.#feed?.stop();
    this.removeAllListeners();
  }
}
