import { STREAM_NAME, type StreamName } from '@freshet/protocol';
import type { LiveStream } from './live-stream.ts';

/** The streams of this server, by name. */
export class StreamDirectory {
  readonly #streams = new Map<StreamName, LiveStream>();

  get(name: StreamName): LiveStream | undefined {
    return this.#streams.get(name);
  }

  all(): Iterable<LiveStream> {
    return this.#streams.values();
  }

  /** @throws RangeError when the name is taken or invalid */
  add(stream: LiveStream): void {
    if (!STREAM_NAME.test(stream.name)) throw new RangeError(`not a stream name: ${stream.name}`);
    if (this.#streams.has(stream.name)) throw new RangeError(`two streams named ${stream.name}`);
    this.#streams.set(stream.name, stream);
  }

  /** @returns the removed stream, which is not closed yet */
  remove(name: StreamName): LiveStream | undefined {
    const stream = this.#streams.get(name);
    this.#streams.delete(name);
    return stream;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#streams.values()].map((stream) => stream.close()));
  }
}
