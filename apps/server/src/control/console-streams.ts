import { DEFAULT_SHARING, type Sharing } from '@freshet/api';
import { STREAM_NAME, type StreamName } from '@freshet/protocol';
import type { Logger } from 'pino';
import { MAX_STREAMS } from '../config/values.ts';
import { ControlError } from '../http/control-error.ts';
import type { LiveStream } from '../stream/live-stream.ts';
import type { ConsoleFile } from './console-file.ts';

/** Opens and closes streams. */
export interface StreamOpener {
  /** @throws RangeError if the name is taken */
  open(stream: { readonly name: StreamName; readonly url: string }): LiveStream;
  close(name: StreamName): Promise<void>;
  readonly directory: {
    get(name: StreamName): LiveStream | undefined;
    all(): Iterable<LiveStream>;
  };
}

export interface ConsoleStreamsOptions {
  readonly file: ConsoleFile;
  readonly opener: StreamOpener;
  /** @returns the address to open, or the problem with it */
  readonly checkUrl: (url: string) => { readonly url: string } | { readonly problem: string };
  /** Whether there is a TURN server. Without one, relay-only would end sharing without a word. */
  readonly hasTurn: boolean;
  readonly onSharing: (name: StreamName, sharing: Sharing) => void;
  /** Called when a stream was closed and can no longer be watched. */
  readonly onClosed: (name: StreamName) => void;
  readonly log: Logger;
}

/** The console's settings of a stream. */
export interface ConsoleStream {
  readonly name: StreamName;
  /** Undefined for streams of the command line, which the console cannot change. */
  readonly url: string | undefined;
  readonly running: boolean;
  readonly sharing: Sharing;
}

/** All streams of this server, and the console's changes. Streams of the command line can only change their sharing. */
export class ConsoleStreams {
  readonly #options: ConsoleStreamsOptions;
  /** The last change. Changes run one after the other, since each reads the result of the previous one. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: ConsoleStreamsOptions) {
    this.#options = options;
  }

  /** Opens the streams that were running when the server stopped, except names that the command line now uses. */
  openKept(): void {
    const { file, opener, log } = this.#options;
    for (const { name, url, running } of file.kept.streams) {
      if (!running) continue;
      if (opener.directory.get(name) === undefined) opener.open({ name, url });
      else
        log.warn(
          { stream: name },
          'ignoring a stream of the console: the server settings have one of this name',
        );
    }
  }

  all(): readonly ConsoleStream[] {
    const { file, opener } = this.#options;
    const added = file.kept.streams;
    const names = new Set(added.map(({ name }) => name));
    const fixed = [...opener.directory.all()].filter(({ name }) => !names.has(name));
    return [...fixed.map(({ name }) => this.#shown(name)), ...added.map(({ name }) => this.#shown(name))];
  }

  /** @throws ControlError 404 */
  get(name: StreamName): ConsoleStream {
    const { opener } = this.#options;
    if (this.#added(name) === undefined && opener.directory.get(name) === undefined)
      throw new ControlError(404, `Stream "${name}" not found.`);
    return this.#shown(name);
  }

  /** @throws ControlError */
  add(name: StreamName, url: string): Promise<ConsoleStream> {
    return this.#inTurn(async () => {
      const { file, opener } = this.#options;
      if (!STREAM_NAME.test(name))
        throw new ControlError(400, 'Invalid name: use at most 64 letters, digits, - and _.');
      if (this.#added(name) !== undefined || opener.directory.get(name) !== undefined)
        throw new ControlError(409, `Stream "${name}" already exists. Choose another name.`);
      if (file.kept.streams.length >= MAX_STREAMS)
        throw new ControlError(409, `The limit of ${MAX_STREAMS} streams is reached. Remove one first.`);
      const stream = { name, url: this.#checked(url), running: true };
      opener.open(stream);
      await file.change({ streams: [...file.kept.streams, stream] });
      return this.#shown(name);
    });
  }

  /** Changes the source, or starts or stops the stream. @throws ControlError */
  edit(name: StreamName, change: { url?: string; running?: boolean }): Promise<ConsoleStream> {
    return this.#inTurn(async () => {
      const { file, opener } = this.#options;
      const before = this.#mustBeAdded(name);
      const url = change.url === undefined ? before.url : this.#checked(change.url);
      const running = change.running ?? before.running;
      if (before.running && (!running || url !== before.url)) await this.#close(name);
      if (running && opener.directory.get(name) === undefined) opener.open({ name, url });
      await file.change({
        streams: file.kept.streams.map((stream) => (stream.name === name ? { name, url, running } : stream)),
      });
      return this.#shown(name);
    });
  }

  /** @throws ControlError */
  remove(name: StreamName): Promise<void> {
    return this.#inTurn(async () => {
      const { file } = this.#options;
      if (this.#mustBeAdded(name).running) await this.#close(name);
      const sharing = Object.fromEntries(Object.entries(file.kept.sharing).filter(([key]) => key !== name));
      await file.change({ streams: file.kept.streams.filter((stream) => stream.name !== name), sharing });
    });
  }

  /** Informs viewers at once, before the file is written. @throws ControlError */
  share(name: StreamName, sharing: Sharing): Promise<ConsoleStream> {
    this.get(name);
    if (sharing.paths === 'relay-only' && !this.#options.hasTurn)
      throw new ControlError(
        409,
        'relay-only needs a TURN server. Start this server with --ice-server turn:…',
      );
    this.#options.onSharing(name, sharing);
    return this.#inTurn(async () => {
      const { file } = this.#options;
      await file.change({ sharing: { ...file.kept.sharing, [name]: sharing } });
      return this.#shown(name);
    });
  }

  #added(name: StreamName) {
    return this.#options.file.kept.streams.find((stream) => stream.name === name);
  }

  #mustBeAdded(name: StreamName) {
    this.get(name);
    const added = this.#added(name);
    if (added === undefined)
      throw new ControlError(
        409,
        `"${name}" is defined in the server settings. Change it there and restart.`,
      );
    return added;
  }

  #checked(text: string): string {
    const checked = this.#options.checkUrl(text.trim());
    if ('problem' in checked) throw new ControlError(400, `The address ${checked.problem}.`);
    return checked.url;
  }

  #shown(name: StreamName): ConsoleStream {
    const { file, opener } = this.#options;
    const { url, running } = this.#added(name) ?? {};
    return {
      name,
      url,
      running: running ?? opener.directory.get(name) !== undefined,
      sharing: file.sharing(name) ?? DEFAULT_SHARING,
    };
  }

  async #close(name: StreamName): Promise<void> {
    await this.#options.opener.close(name);
    this.#options.onClosed(name);
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }
}
