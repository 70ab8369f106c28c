import type { IncomingMessage, ServerResponse } from 'node:http';
import { LIMITS, type Millis } from '@freshet/protocol';
import { uploadKind } from './upload-name.ts';
import type { BegunUpload, UploadStore } from './upload-store.ts';

/** Why an upload was refused. A closed list, because it is a label of a metric. */
export type RefusedUpload = 'key' | 'attempts' | 'name' | 'method' | 'too-large' | 'too-many' | 'broken-off';

export interface UploadRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly store: UploadStore;
  /** The path after the stream's address, without a leading slash. */
  readonly name: string;
  readonly onRefused: (reason: RefusedUpload) => void;
  /** Whether the upload is wanted. Default: it is. */
  readonly wanted?: Promise<boolean>;
}

/** For comparison: a playlist of 2 h of 1 s segments has 300 kB. */
const MAX_PLAYLIST_BYTES = 2 * 1024 * 1024;
/** An encoder keeps the segment and the playlist of each rendition open at once. */
const MAX_AT_ONCE = 64;
/** Limit between two chunks of a body: an encoder that writes a segment as it is made may pause between keyframes. */
const IDLE_MS: Millis = 30_000;

const under = new WeakMap<UploadStore, number>();

/** Receives one file from an encoder that is already authorised: PUT or POST writes it, DELETE deletes it. */
export async function receiveUpload(upload: UploadRequest): Promise<void> {
  const { request, response, store, name } = upload;
  const kind = uploadKind(name);
  if (kind === undefined) {
    refuse(upload, 'name', 400, 'Invalid file name: use letters, digits, -, . and _, and an HLS extension.');
    return;
  }
  if (request.method === 'DELETE') {
    store.delete(name);
    response.writeHead(204).end();
    return;
  }
  if (request.method !== 'PUT' && request.method !== 'POST') {
    response.setHeader('Allow', 'PUT, POST, DELETE');
    refuse(upload, 'method', 405, 'Use PUT or POST to upload.');
    return;
  }
  const open = under.get(store) ?? 0;
  if (open >= MAX_AT_ONCE) {
    response.setHeader('Retry-After', '1');
    refuse(upload, 'too-many', 503, 'Too many simultaneous uploads for this stream; retry shortly.');
    return;
  }
  under.set(store, open + 1);
  const growing = kind === 'media' ? store.begin(name) : undefined;
  try {
    const maxBytes = kind === 'media' ? LIMITS.segmentBytes : MAX_PLAYLIST_BYTES;
    const data = await readBody(request, maxBytes, growing);
    if (data === undefined) {
      refuse(upload, 'too-large', 413, `Too large: the limit is ${maxBytes} bytes.`);
      return;
    }
    if ((await upload.wanted) === false) {
      response.destroy();
      return;
    }
    if (growing !== undefined) growing.finish(data);
    else if (kind !== 'other') store.put(name, data);
    response.writeHead(201).end();
  } catch {
    // An incomplete file is discarded.
    upload.onRefused('broken-off');
    response.destroy();
  } finally {
    growing?.breakOff();
    under.set(store, (under.get(store) ?? 1) - 1);
  }
}

/** Refuses an upload. The rest of the body is not read: the connection is closed after the response. */
export function refuse(
  { response, onRefused }: Pick<UploadRequest, 'response' | 'onRefused'>,
  reason: RefusedUpload,
  status: number,
  message: string,
): void {
  onRefused(reason);
  response.setHeader('Connection', 'close');
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' }).end(`${message}\n`);
}

/** @param growing receives each chunk. @returns undefined when the body is too large. @throws when it breaks off */
async function readBody(
  request: IncomingMessage,
  maxBytes: number,
  growing?: BegunUpload,
): Promise<Buffer | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return undefined;
  const tooSlow = setTimeout(() => request.destroy(), IDLE_MS);
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    // The stream stays open, because the response uses the same connection.
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      tooSlow.refresh();
      size += chunk.length;
      if (size > maxBytes) return undefined;
      chunks.push(chunk);
      growing?.push(chunk);
    }
    return Buffer.concat(chunks, size);
  } finally {
    clearTimeout(tooSlow);
  }
}
