import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type FragmentHandler, FragmentReader } from '../../mp4/fragment-reader.ts';
import { sameSecret } from '../../util/same-secret.ts';
import { receiveUpload, refuse, type RefusedUpload } from '../upload/receive-upload.ts';
import type { UploadStore } from '../upload/upload-store.ts';

/** Where a child process uploads to. */
export interface Intake {
  /** Ends in a slash. Holds a secret: for that process only. */
  readonly url: string;
  close(): void;
}

interface OpenIntake {
  readonly secret: string;
  readonly store: UploadStore;
  readonly wanted: Promise<boolean>;
  readonly parts: FragmentHandler | undefined;
}

/** Fragmented MP4 without an end. */
export const LIVE_FILE = 'live.mp4';
/** Between two segments. */
const KEEP_ALIVE_MS = 120_000;

/**
 * What our own ffmpeg processes upload to: a web server on loopback alone, on a port of the system's choice, with a
 * random secret for each stream in its path.
 */
export class IngestReceiver {
  readonly #onRefused: (reason: RefusedUpload) => void;
  readonly #intakes = new Map<string, OpenIntake>();
  #server: Promise<Server> | undefined;
  #count = 0;

  constructor(onRefused: (reason: RefusedUpload) => void) {
    this.#onRefused = onRefused;
  }

  /**
   * The server begins to listen with the first.
   * @param wanted uploads wait for it, and are thrown away when it is false
   * @param parts gets what is uploaded as `LIVE_FILE`, while it comes
   */
  async open(store: UploadStore, wanted = Promise.resolve(true), parts?: FragmentHandler): Promise<Intake> {
    const server = await (this.#server ??= this.#listen());
    const id = String(this.#count++);
    const secret = randomBytes(24).toString('base64url');
    this.#intakes.set(id, { secret, store, wanted, parts });
    const { port } = server.address() as AddressInfo;
    return {
      url: `http://127.0.0.1:${port}/${id}/${secret}/`,
      close: () => this.#intakes.delete(id),
    };
  }

  async close(): Promise<void> {
    this.#intakes.clear();
    const server = await this.#server;
    if (server === undefined) return;
    server.close();
    server.closeAllConnections();
  }

  async #listen(): Promise<Server> {
    const server = createServer(
      { requestTimeout: 0, keepAliveTimeout: KEEP_ALIVE_MS },
      (request, response) => {
        void this.#answer(request, response);
      },
    );
    // A child, not this, keeps the process running.
    server.listen(0, '127.0.0.1').unref();
    await once(server, 'listening');
    return server;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const onRefused = this.#onRefused;
    const [, id = '', secret = '', name = ''] = /^\/([^/]*)\/([^/]*)\/(.*)$/.exec(request.url ?? '') ?? [];
    const intake = this.#intakes.get(id);
    if (intake === undefined || !sameSecret(secret, intake.secret)) {
      refuse({ response, onRefused }, 'key', 403, 'Forbidden.');
      return;
    }
    const { store, wanted, parts } = intake;
    if (name === LIVE_FILE && parts !== undefined) {
      await receiveFragments(request, response, parts, wanted);
      return;
    }
    await receiveUpload({ request, response, store, wanted, name, onRefused });
  }
}

/** One upload that goes on as long as the source does. Its sender is ended by who started it when nothing comes. */
async function receiveFragments(
  request: IncomingMessage,
  response: ServerResponse,
  parts: FragmentHandler,
  wanted: Promise<boolean>,
): Promise<void> {
  try {
    if (!(await wanted)) throw new RangeError('not wanted');
    const reader = new FragmentReader(parts);
    for await (const chunk of request as AsyncIterable<Buffer>) reader.push(chunk);
    response.writeHead(201).end();
  } catch {
    // Cut off, or no such file as was asked for: the sender ends with its connection, and is started anew.
    response.destroy();
  }
}
