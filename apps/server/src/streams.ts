import type { Millis, StreamName } from '@freshet/protocol';
import type { Logger } from 'pino';
import type { LadderStep } from './config/ladder.ts';
import type { Config } from './config/options.ts';
import { isAmbiguous, sourceKind } from './config/source-kind.ts';
import { loadClip } from './demo/clip.ts';
import { DemoFeed } from './demo/demo-feed.ts';
import { startFfmpeg } from './ingest/ffmpeg/ffmpeg-feed.ts';
import { IngestReceiver } from './ingest/ffmpeg/ingest-receiver.ts';
import { startHttp } from './ingest/http-feed.ts';
import { startPush } from './ingest/push/push-feed.ts';
import { PushIntake } from './ingest/push/push-intake.ts';
import type { Metrics } from './metrics/metrics.ts';
import { AddressGuard } from './source/fetch/address-guard.ts';
import { startSource } from './source/hls-source.ts';
import { type Feed, LiveStream } from './stream/live-stream.ts';
import type { FaultReason } from './stream/source-fault.ts';
import type { Numbering } from './stream/numbering.ts';
import { StateFile } from './stream/state-file.ts';
import { StreamDirectory } from './stream/stream-directory.ts';

export interface StreamsOptions {
  readonly config: Pick<
    Config,
    | 'sources'
    | 'encryptedFrom'
    | 'ingestKeys'
    | 'ffmpeg'
    | 'transcode'
    | 'bufferSeconds'
    | 'bufferMb'
    | 'dvrHours'
    | 'fallback'
    | 'stateFile'
    | 'lowLatency'
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

/** A stream and its input: a source to pull (checked by `checkedSource`), or the key of the encoder that pushes it. */
export type StreamConfig =
  | {
      readonly name: StreamName;
      readonly url: string;
      /** Renditions to make in addition to the source's own, if ffmpeg reads it. Default: those of `--transcode`. */
      readonly ladder?: readonly LadderStep[];
    }
  | { readonly name: StreamName; readonly key: string };

/** Opens and closes streams while the server runs. */
export class Streams {
  readonly directory = new StreamDirectory();
  /** Receives the uploads of encoders. */
  readonly pushes: PushIntake;
  readonly #options: StreamsOptions;
  readonly #receiver: IngestReceiver;
  readonly #state: StateFile | undefined;

  /** Starts every configured stream, or the demo if none is configured. */
  static async start(options: StreamsOptions): Promise<Streams> {
    const { config, log } = options;
    const state = config.stateFile === undefined ? undefined : await StateFile.open(config.stateFile, log);
    const streams = new Streams(options, state);
    for (const stream of [...config.sources, ...config.ingestKeys]) streams.open(stream);
    if (config.sources.length === 0 && config.ingestKeys.length === 0) await streams.openDemo();
    return streams;
  }

  private constructor(options: StreamsOptions, state: StateFile | undefined) {
    const { metrics, now } = options;
    this.#options = options;
    this.#state = state;
    this.pushes = new PushIntake(metrics.countRefusedUpload.bind(metrics), now);
    this.#receiver = new IngestReceiver(metrics.countRefusedUpload.bind(metrics));
  }

  /** @throws RangeError when the name is taken or invalid */
  open(config: StreamConfig): LiveStream {
    const stream = this.#add(config.name);
    const feed = this.#feed(config, stream);
    stream.attachFeed({
      stop: async () => {
        await feed.stop();
        await this.#state?.flush();
      },
    });
    return stream;
  }

  async openDemo(): Promise<void> {
    const stream = this.#add('demo');
    const feed = new DemoFeed({ stream, clip: await loadClip(), now: this.#options.wallClock });
    stream.attachFeed(feed);
    feed.run();
  }

  /** Stops the stream's feed and removes it from the directory. Its viewers play what they have buffered. */
  async close(name: StreamName): Promise<void> {
    await this.directory.remove(name)?.close();
  }

  async closeAll(): Promise<void> {
    await this.directory.close();
    await this.#receiver.close();
  }

  #add(name: StreamName): LiveStream {
    const { config, wallClock, metrics } = this.#options;
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
    this.directory.add(stream);
    return stream;
  }

  #feed(opened: StreamConfig, stream: LiveStream): Feed {
    const { config, wallClock, now, random, metrics, log } = this.#options;
    const { name } = opened;
    const onUpload = (bytes: number) => {
      metrics.countUploaded(name, bytes);
    };
    const common = {
      stream,
      lowLatency: config.lowLatency === 'on',
      onFault: (reason: FaultReason) => {
        metrics.countSourceFault(name, reason);
      },
      saved: this.#state?.get(name),
      onNumbering: (numbering: Numbering) => {
        this.#state?.set(name, numbering);
      },
      log,
      now,
      random,
    };
    if ('key' in opened)
      return startPush({ ...common, intake: this.pushes, key: opened.key, wallClock, onUpload });
    const asConfigured = config.transcode.find((transcode) => transcode.name === name)?.ladder ?? [];
    const { url, ladder = asConfigured } = opened;
    // One for all that reads this source: what it learns of the host holds for its whole life.
    const guard = new AddressGuard(url, config.encryptedFrom);
    const startHls = () => {
      if (ladder.length > 0) log.warn({ stream: name }, 'the source is HLS; ignoring --transcode');
      return startSource({ ...common, url, guard, fallback: config.fallback });
    };
    const onRestart = () => {
      metrics.countFfmpegRestart(name);
    };
    const { ffmpeg } = config;
    const receiver = this.#receiver;
    const startContinuous = () =>
      startFfmpeg({ ...common, url, guard, ladder, receiver, ffmpeg, wallClock, onUpload, onRestart });
    if (isAmbiguous(url)) return startHttp({ ...common, url, guard, startHls, startContinuous });
    return sourceKind(url) === 'hls' ? startHls() : startContinuous();
  }
}
