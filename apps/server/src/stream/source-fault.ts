import type { Logger } from 'pino';

/**
 * The faults of a source.
 * `network`: no response, or it broke off; `timeout`; `status`: an HTTP error; `address`: a forbidden address;
 * `redirects`: too many; `encoding`: a content coding that we did not request; `too-large`; `range`: not the requested
 * bytes; `not-a-playlist`; `bad-playlist`: one that contradicts itself or RFC 8216; `not-media`.
 */
export type FaultReason =
  | 'network'
  | 'timeout'
  | 'status'
  | 'address'
  | 'redirects'
  | 'encoding'
  | 'too-large'
  | 'range'
  | 'not-a-playlist'
  | 'bad-playlist'
  | 'not-media';

const MAX_MESSAGE = 300;

/** A fault of the source, never of this server: it is retried or reported, and has no other effect. */
export class SourceFault extends Error {
  override readonly name = 'SourceFault';
  readonly reason: FaultReason;
  /** The HTTP status, for `status`. */
  readonly status: number | undefined;

  constructor(reason: FaultReason, message: string, status?: number, cause?: unknown) {
    // It may quote what the source sent.
    super(message.slice(0, MAX_MESSAGE).replace(/\p{Cc}/gu, ' '), { cause });
    this.reason = reason;
    this.status = status;
  }

  /** Whether a retry soon could help. */
  get isPassing(): boolean {
    return this.reason === 'network' || this.reason === 'timeout' || this.reason === 'status';
  }
}

/**
 * Converts an error from reading a source to a fault. An error of another class is a defect of ours that the source
 * exposed: it is logged in full, and costs one load instead of the server.
 */
export function faultOf(error: unknown, log: Logger): SourceFault {
  if (error instanceof SourceFault) return error;
  log.error({ err: error }, 'unexpected error while reading the source');
  return new SourceFault('bad-playlist', 'the source cannot be read');
}
