import { setTimeout as sleep } from 'node:timers/promises';
import type { Readable } from 'node:stream';
import type { Millis } from '@freshet/protocol';
import type { Logger } from 'pino';
import type { LadderStep } from '../../config/ladder.ts';
import { isListener, shownSource, sourceKind } from '../../config/source-kind.ts';
import { AddressGuard } from '../../source/fetch/address-guard.ts';
import { backoff } from '../../source/fetch/backoff.ts';
import { SourceFetcher } from '../../source/fetch/source-fetcher.ts';
import { SOURCE_TIMES } from '../../source/fetch/source-times.ts';
import { startSource, type SourceOptions } from '../../source/hls-source.ts';
import type { Feed } from '../../stream/live-stream.ts';
import { faultOf, SourceFault } from '../../stream/source-fault.ts';
import type { SourceProblem } from '../../stream/source-state.ts';
import { ChildProgram } from '../../util/child-program.ts';
import { findProgram } from '../../util/find-program.ts';
import { withSecretFile } from '../../util/secret-file.ts';
import { UPLOAD_ENTRY, UploadStore } from '../upload/upload-store.ts';
import { type CodingPlan, codingPlan, firstPlan, meets } from './coding-plan.ts';
import { ffmpegArguments, secretOptions, UPLOADED_PLAYLIST } from './ffmpeg-arguments.ts';
import { FfmpegLog } from './ffmpeg-log.ts';
import type { IngestReceiver, Intake } from './ingest-receiver.ts';
import { multivariant } from './multivariant.ts';
import { openInput } from './open-input.ts';
import { PartPackager } from './part-packager.ts';
import type { InputStreams } from './read-streams.ts';
import { TimestampWatch } from './timestamp-watch.ts';

export interface FfmpegFeedOptions extends Omit<SourceOptions, 'fetcher' | 'times'> {
  readonly receiver: IngestReceiver;
  /** Renditions to make beside the source's own. */
  readonly ladder: readonly LadderStep[];
  /** Name of the program on the PATH, or a path. */
  readonly ffmpeg: string;
  /** Milliseconds since 1970, by a clock that never jumps. */
  readonly wallClock: () => Millis;
  /** Called with the size of each upload of ffmpeg. */
  readonly onUpload: (bytes: number) => void;
  /** Called before each further start of ffmpeg. */
  readonly onRestart: () => void;
}

/** The result of one run of ffmpeg. */
interface Ending {
  /** At least one upload arrived. */
  readonly delivered: boolean;
  /** undefined: start ffmpeg again at once, with another plan. */
  readonly problem: SourceProblem | undefined;
}

/** Wait after the caller of a listener has gone, because the next may call at once, or when the encoder is back. */
const AGAIN_MS = 100;
/**
 * After this long without an upload, whatever the cause, ffmpeg is ended and started again. Longer than any GOP in use.
 */
const SILENT_MS = 20_000;
const ENCODER_IS_BACK: SourceProblem = {
  reason: 'unreachable',
  message: 'the timestamps of the source began again',
};
/** A defect of ours, or the system has no more processes or ports. The log has it. */
const BROKEN: Ending = {
  delivered: false,
  problem: { reason: 'unreachable', message: 'ffmpeg could not be run' },
};
const MISSING: SourceProblem = {
  reason: 'ffmpeg-missing',
  message:
    'this source needs ffmpeg, which is not installed. Install it (Debian, Ubuntu: apt install ffmpeg; Fedora: dnf install ffmpeg-free; macOS: brew install ffmpeg), or set its path with --ffmpeg',
};

/**
 * Fills a stream from a source that only ffmpeg can read. It keeps one ffmpeg running, which uploads HLS into this
 * server's memory, and follows that HLS like any source.
 */
export function startFfmpeg(options: FfmpegFeedOptions): Feed {
  const feed = new FfmpegFeed(options);
  const running = feed.run();
  return {
    stop: async () => {
      feed.stop();
      await running;
    },
  };
}

class FfmpegFeed {
  readonly #options: FfmpegFeedOptions;
  readonly #log: Logger;
  readonly #stopping = new AbortController();
  readonly #kind: Exclude<ReturnType<typeof sourceKind>, 'hls'>;
  readonly #guard: AddressGuard;
  readonly #fetcher: SourceFetcher;
  #plan: CodingPlan;
  #streams: InputStreams | undefined;
  #listed = false;
  #runs = 0;
  #uploads = 0;

  constructor(options: FfmpegFeedOptions) {
    const { url, stream, log } = options;
    const kind = sourceKind(url);
    this.#kind = kind === 'hls' ? 'http' : kind;
    this.#options = options;
    this.#plan = firstPlan(options.lowLatency === true);
    this.#log = log.child({ stream: stream.name, source: shownSource(url) });
    this.#guard = options.guard ?? new AddressGuard(this.#kind === 'http' ? url : UPLOAD_ENTRY);
    this.#fetcher = new SourceFetcher(this.#guard, SOURCE_TIMES.connectMs);
  }

  stop(): void {
    this.#stopping.abort();
  }

  async run(): Promise<void> {
    const { wallClock } = this.#options;
    const store = new UploadStore({
      wallClock,
      onUpload: (bytes, name) => {
        // Our own multivariant playlist is no sign of life.
        if (name === UPLOADED_PLAYLIST && this.#plan.ladder.length > 0) return;
        this.#uploads++;
        this.#options.stream.setProblem(undefined);
        this.#options.onUpload(bytes);
        this.#listVariants(store);
      },
      entry: UPLOADED_PLAYLIST,
    });
    const following = startSource({ ...this.#options, url: UPLOAD_ENTRY, fetcher: store });
    await this.#keepRunning(store);
    await following.stop();
    await this.#fetcher.close();
  }

  /**
   * Writes the multivariant playlist. ffmpeg's own leaves out copied video, because ffmpeg does not know its bitrate.
   */
  #listVariants(store: UploadStore): void {
    if (this.#listed || this.#streams === undefined || this.#plan.ladder.length === 0) return;
    const text = multivariant(this.#plan, this.#streams, (name) => store.peek(name));
    if (text === undefined) return;
    this.#listed = true;
    store.put(UPLOADED_PLAYLIST, Buffer.from(text));
  }

  async #keepRunning(store: UploadStore): Promise<void> {
    const { now, random, url, stream } = this.#options;
    const { signal } = this.#stopping;
    const stopped = () => signal.aborted;
    let outSince = now();
    for (let failures = 0; !stopped();) {
      if (this.#runs > 0) this.#options.onRestart();
      const { delivered, problem } = await this.#runOnce(store).catch((error: unknown) => {
        faultOf(error, this.#log);
        return BROKEN;
      });
      if (stopped()) return;
      if (delivered) {
        failures = 0;
        outSince = now();
      }
      if (problem === undefined) continue;
      failures++;
      stream.setProblem(problem);
      const again = delivered && (isListener(url) || problem === ENCODER_IS_BACK);
      const waitMs = again ? AGAIN_MS : backoff(failures, now() - outSince, random());
      this.#log[again ? 'info' : 'warn']({ ...problem, waitMs }, 'the source ended; retrying');
      await sleep(waitMs, undefined, { signal }).catch(() => undefined);
    }
  }

  async #runOnce(store: UploadStore): Promise<Ending> {
    const file = findProgram(this.#options.ffmpeg);
    if (file === undefined) return { delivered: false, problem: MISSING };
    let input: Readable | undefined;
    try {
      if (this.#kind === 'http')
        input = await openInput(this.#fetcher, this.#guard, this.#options.url, this.#stopping.signal);
    } catch (error) {
      const message = error instanceof SourceFault ? error.message : 'the source cannot be opened';
      return { delivered: false, problem: { reason: 'unreachable', message } };
    }
    // Late uploads of an earlier ffmpeg are refused. Those of this one are accepted once it is known to follow the
    // right plan.
    let decide: (wanted: boolean) => void = () => undefined;
    const wanted = new Promise<boolean>((resolve) => (decide = resolve));
    const { receiver, wallClock } = this.#options;
    const prefix = `run${this.#runs}`;
    const parts = new PartPackager({ store, prefix, playlist: UPLOADED_PLAYLIST, wallClock });
    const intake = await receiver.open(store, wanted, parts);
    try {
      return await this.#runFfmpeg(file, intake, input, decide);
    } finally {
      decide(false);
      intake.close();
    }
  }

  /** @param decide tells the receiver whether the uploads are wanted */
  async #runFfmpeg(
    file: string,
    intake: Intake,
    input: Readable | undefined,
    decide: (wanted: boolean) => void,
  ): Promise<Ending> {
    const { url, ladder, lowLatency, now } = this.#options;
    const uploadsBefore = this.#uploads;
    const plan = this.#plan;
    const run = this.#runs++;
    const log = new FfmpegLog([
      [url, shownSource(url)],
      [intake.url, ''],
    ]);
    let problem: SourceProblem | undefined;
    const another: CodingPlan[] = [];
    /** Whether ffmpeg may continue, by what is known so far. */
    const isRight = (): boolean => {
      if (log.streams === undefined || this.#streams === log.streams) return true;
      this.#streams = log.streams;
      const right = codingPlan(log.streams, ladder, lowLatency);
      if ('problem' in right) problem = { reason: 'coding', message: right.problem };
      else if (meets(plan, right)) decide(true);
      else {
        this.#listed = false;
        another.push((this.#plan = right));
      }
      return another.length === 0 && problem === undefined;
    };
    const timestamps = new TimestampWatch();
    const args = ffmpegArguments({ kind: this.#kind, url, plan, output: intake.url, run });
    const onLine = (line: string): void => {
      try {
        log.add(line);
        if (timestamps.add(line, now())) problem = ENCODER_IS_BACK;
        if (!isRight() || problem === ENCODER_IS_BACK) child.kill();
      } catch (error) {
        // Called by the stream of its lines: whatever is thrown here would end the server.
        faultOf(error, this.#log);
        child.kill();
      }
    };
    const child: ChildProgram = withSecretFile(
      secretOptions(intake.secret),
      (descriptor) => new ChildProgram({ file, args, input, descriptor, onLine }),
    );
    this.#log.debug({ pid: child.pid, plan }, 'ffmpeg started');
    const stop = () => void child.stop();
    this.#stopping.signal.addEventListener('abort', stop);
    if (this.#stopping.signal.aborted) stop();
    const watch = this.#watch(() => {
      problem = { reason: 'silent', message: `no data for ${SILENT_MS / 1000} s` };
      stop();
    });
    const how = await child.exited;
    log.end();
    isRight();
    clearInterval(watch);
    this.#stopping.signal.removeEventListener('abort', stop);
    const delivered = this.#uploads > uploadsBefore;
    if (another.length > 0) return { delivered, problem: undefined };
    return { delivered, problem: problem ?? { reason: 'unreachable', message: log.tail || how } };
  }

  /** @param onSilence called when nothing was uploaded for SILENT_MS; for a listener, since its caller began to send */
  #watch(onSilence: () => void): NodeJS.Timeout {
    const { now, url } = this.#options;
    const uploadsBefore = this.#uploads;
    let seen = this.#uploads;
    let since = now();
    return setInterval(() => {
      const waitsForCaller = isListener(url) && this.#uploads === uploadsBefore;
      if (this.#uploads !== seen || waitsForCaller) {
        seen = this.#uploads;
        since = now();
      } else if (now() - since > SILENT_MS) {
        since = Infinity;
        onSilence();
      }
    }, 1000);
  }
}
