import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { SourceFault } from '../../stream/source-fault.ts';

/** Decompresses a body. Only gzip is requested. Some servers send it unrequested; any other coding is a fault. */
export function decoded(body: Readable, encoding: string | undefined): Readable {
  switch (encoding?.trim().toLowerCase() ?? 'identity') {
    case 'identity':
    case '':
      return body;
    case 'gzip':
    case 'x-gzip':
      // Errors surface in the gunzip stream, which the caller reads.
      return pipeline(body, createGunzip(), () => undefined);
    default:
      body.destroy();
      throw new SourceFault('encoding', `unsupported content-encoding: ${encoding ?? ''}`);
  }
}

/** Reads a body into one buffer. @throws SourceFault when it exceeds `maxBytes`; the rest is not read */
export async function readBounded(body: Readable, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    // Leaving the loop destroys the stream, and with it the connection.
    if (size > maxBytes) throw new SourceFault('too-large', `more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}
