import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { SourceFault } from '../../stream/source-fault.ts';

/** A body as its sender meant it. Only gzip was asked for; servers that send it unasked exist, other codings are a fault. */
export function decoded(body: Readable, encoding: string | undefined): Readable {
  switch (encoding?.trim().toLowerCase() ?? 'identity') {
    case 'identity':
    case '':
      return body;
    case 'gzip':
    case 'x-gzip':
      // The error, if any, comes out of the gunzip stream, which the caller reads.
      return pipeline(body, createGunzip(), () => undefined);
    default:
      body.destroy();
      throw new SourceFault('encoding', `unsupported content-encoding: ${encoding ?? ''}`);
  }
}

/** All of it in one buffer. @throws SourceFault when there is more than `maxBytes`: the rest is not read */
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
