import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type FragmentHandler, FragmentReader } from '../../mp4/fragment-reader.ts';
import { sameSecret } from '../../util/same-secret.ts';
import { receiveUpload, refuse, type RefusedUpload } from '../upload/receive-upload.ts';
import type { UploadStore } from '../upload/upload-store.ts';

/** The upload address of one child process. */
export interface Intake {
  /** Ends in a slash. */
  readonly url: string;
  /** Known to that process only: the value of the header `UPLOAD_HEADER`. */
  readonly secret: string;
  close(): void;
}

interface OpenIntake {
  readonly secret: string;
  readonly store: UploadStore;
  readonly wanted: Promise<boolean>;
  readonly parts: FragmentHandler | undefined;
}

/** Not a part of the address, because ffmpeg gets that as an argument. */
export const UPLOAD_HEADER = 'x-freshet-upload';
/** The name of an endless fragmented MP4. */
export const LIVE_FILE = 'live.mp4';
/** Covers the pause between two segments. */
const KEEP_ALIVE_MS = 120_000;

/**
 * Receives the uploads of our own ffmpeg processes: a web server on loopback only, on a port that the system chooses,
 * with a random secret for each of them in a header.
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
   * Opens an intake. The server starts to listen with the first one.
   * @param wanted uploads wait for it, and are discarded when it is false
   * @param parts receives the upload named `LIVE_FILE` while it arrives
   */
  async open(store: UploadStore, wanted = Promise.resolve(true), parts?: FragmentHandler): Promise<Intake> {
    const server = await (this.#server ??= this.#listen());
    const id = String(this.#count++);
    const secret = randomBytes(24).toString('base64url');
    this.#intakes.set(id, { secret, store, wanted, parts });
    const { port } = server.address() as AddressInfo;
    return {
      url: `http://127.0.0.1:${port}/${id}/`,
      secret,
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
        this.#answer(request, response).catch(() => {
          // ffmpeg ends with its upload, and is started again.
          response.destroy();
        });
      },
    );
    // The child process keeps this process running, not the server.
    server.listen(0, '127.0.0.1').unref();
    await once(server, 'listening');
    return server;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const onRefused = this.#onRefused;
    const [, id = '', name = ''] = /^\/([^/]*)\/(.*)$/.exec(request.url ?? '') ?? [];
    const intake = this.#intakes.get(id);
    const shown = request.headers[UPLOAD_HEADER];
    if (intake === undefined || typeof shown !== 'string' || !sameSecret(shown, intake.secret)) {
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

/** Receives one upload that lasts as long as the source. The owner of the sender ends it when it falls silent. */
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
    // The upload broke off, or is not fragmented MP4. Its sender ends with the connection, and is started again.
    response.destroy();
  }
}
