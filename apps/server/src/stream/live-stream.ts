import { EventEmitter } from 'node:events';
import type { RenditionId, StreamName } from '@freshet/protocol';
import { linesBytes } from '../buffer/list-memory.ts';
import { StreamBuffer } from '../buffer/stream-buffer.ts';
import type { StoredSegment } from '../buffer/stored-segment.ts';
import type { SourceProblem, SourceState } from './source-state.ts';

/** Fills a stream: a puller, or the built-in demo. */
export interface Feed {
  /** Stops all its work and resolves afterwards. */
  stop(): Promise<void>;
}

/** A run of lines of the multivariant playlist, already rewritten for our own paths. */
export interface MultivariantPart {
  readonly lines: readonly string[];
  /** The lines are left out while this rendition's source is out and another of the same `choice` works. */
  readonly rendition?: RenditionId;
  /** The set from which a player chooses: the variants, or the members of one group. */
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
 * The only owner of a stream's buffer, state and feed. `segment`: a segment entered the buffer and is listed; `part`: a
 * low-latency part of a segment in progress entered the buffer; `loaded`: the bytes of a segment listed before were
 * fetched on demand; `state`: the source's state changed.
 */
export class LiveStream extends EventEmitter<{
  segment: [StoredSegment];
  part: [StoredSegment];
  loaded: [StoredSegment];
  state: [SourceState];
}> {
  readonly name: StreamName;
  readonly buffer: StreamBuffer;
  #multivariant: readonly MultivariantPart[] | undefined;
  #state: SourceState = 'starting';
  #problem: SourceProblem | undefined;
  #feed: Feed | undefined;

  constructor({ name, epoch, bufferSeconds, bufferBytes, dvrSeconds }: LiveStreamOptions) {
    super();
    // The tracker listens, and every player that waits for the stream to start.
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

  /** From the source's multivariant playlist; undefined if there is none and the relay makes one. */
  get multivariant(): readonly MultivariantPart[] | undefined {
    return this.#multivariant;
  }

  set multivariant(parts: readonly MultivariantPart[] | undefined) {
    this.#multivariant = parts;
    const lines = parts?.flatMap((part) => part.lines) ?? [];
    this.buffer.setMultivariantBytes(linesBytes(lines));
  }

  get state(): SourceState {
    return this.#state;
  }

  /**
   * Whether a player may start: some rendition has a segment, and no rendition with a working source lacks one. A
   * player reads the multivariant playlist once, so it never sees a rendition that is left out at the start.
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

  /** Why the source delivers nothing, if that is known; undefined while it delivers. */
  get problem(): SourceProblem | undefined {
    return this.#problem;
  }

  setProblem(problem: SourceProblem | undefined): void {
    this.#problem = problem;
  }

  /** The feed is stopped when the stream is closed. */
  attachFeed(feed: Feed): void {
    this.#feed = feed;
  }

  /** See `StreamBuffer.recentSegments`. */
  recentSegments(limit: number): readonly StoredSegment[] {
    return this.buffer.recentSegments(limit);
  }

  async close(): Promise<void> {
    await this.#feed?.stop();
    this.removeAllListeners();
  }
}
