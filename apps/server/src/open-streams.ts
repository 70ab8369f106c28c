import type { Millis } from '@freshet/protocol';
import type { Logger } from 'pino';
import type { Config } from './config/options.ts';
import { loadClip } from './demo/clip.ts';
import { DemoFeed } from './demo/demo-feed.ts';
import type { Metrics } from './metrics/metrics.ts';
import { startSource } from './source/hls-source.ts';
import type { Numbering } from './source/stream-timeline.ts';
import { StateFile } from './stream/state-file.ts';
import type { FaultReason } from './source/source-fault.ts';
import { LiveStream } from './stream/live-stream.ts';
import { StreamDirectory } from './stream/stream-directory.ts';

export interface OpenStreamsOptions {
  readonly config: Pick<
    Config,
    'sources' | 'bufferSeconds' | 'bufferMb' | 'dvrHours' | 'fallback' | 'stateFile' | 'lowLatency'
  >;
  /** Milliseconds since 1970, by a clock that never jumps. */
  readonly wallClock: () => Millis;
  /** Milliseconds on a monotonic clock. */
  readonly now: () => Millis;
  /** 0 to 1. */
  readonly random: () => number;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/** Starts every stream that the settings name; the demo when they name none. */
export async function openStreams(options: OpenStreamsOptions): Promise<StreamDirectory> {
  const { config, wallClock, now, random, metrics, log } = options;
  const directory = new StreamDirectory();
  const open = (name: string): LiveStream => {
    const stream = new LiveStream({
      name,
      epoch: Math.floor(wallClock() / 1000),
      bufferSeconds: config.bufferSeconds,
      bufferBytes: config.bufferMb * 1e6,
      dvrSeconds: config.dvrHours * 3600,
    });
    stream.on('segment', (segment) => {
      metrics.countPublished(name, segment.data.length);
    });
    stream.on('loaded', (segment) => {
      metrics.countPublished(name, segment.data.length);
    });
    directory.add(stream);
    return stream;
  };

  const state = config.stateFile === undefined ? undefined : await StateFile.open(config.stateFile, log);
  for (const { name, url } of config.sources) {
    const stream = open(name);
    const { fallback } = config;
    const lowLatency = config.lowLatency === 'on';
    const saved = state?.get(name);
    const onNumbering = (numbering: Numbering) => {
      state?.set(name, numbering);
    };
    const onFault = (reason: FaultReason) => {
      metrics.countSourceFault(name, reason);
    };
    const feed = startSource({
      url,
      stream,
      fallback,
      lowLatency,
      onFault,
      saved,
      onNumbering,
      log,
      now,
      random,
    });
    stream.attachFeed({
      stop: async () => {
        await feed.stop();
        await state?.flush();
      },
    });
  }
  if (config.sources.length === 0) {
    const stream = open('demo');
    const feed = new DemoFeed({ stream, clip: await loadClip(), now: wallClock });
    stream.attachFeed(feed);
    feed.run();
  }
  return directory;
}
