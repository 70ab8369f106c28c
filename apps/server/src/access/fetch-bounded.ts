import type { Millis } from '@freshet/protocol';
import { request } from 'undici';

export interface BoundedRequest {
  /** Sent as JSON by POST. Default: a GET. */
  readonly body?: unknown;
  /** For the whole exchange. */
  readonly timeoutMs: Millis;
  /** A longer answer is an error. */
  readonly maxBytes: number;
}

/**
 * Asks a service of the operator: an address from the settings, which may be private. Redirects are not followed,
 * because only the operator may choose where such a request goes. @throws when there is no answer within the bounds
 */
export async function fetchBounded(
  url: string,
  { body, timeoutMs, maxBytes }: BoundedRequest,
): Promise<{ readonly status: number; readonly text: string }> {
  const signal = AbortSignal.timeout(timeoutMs);
  const answer = await request(url, {
    signal,
    headers: { 'user-agent': 'freshet', ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
  });
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer.body as AsyncIterable<Buffer>) {
    size += chunk.length;
    // Leaving the loop destroys the body and its connection.
    if (size > maxBytes) throw new Error(`the answer has more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return { status: answer.statusCode, text: Buffer.concat(chunks).toString('utf8') };
}
