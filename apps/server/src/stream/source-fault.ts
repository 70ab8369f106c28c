import type { Logger } from 'pino';

/**
 * What a source can do wrong.
 * `network`: no answer, or it broke off; `timeout`; `status`: an HTTP error; `address`: a place where a source must not
 * send us; `redirects`: too many; `encoding`: a content coding that we did not ask for; `too-large`; `range`: not the
 * bytes asked for; `not-a-playlist`; `bad-playlist`: one that contradicts itself or RFC 8216; `not-media`.
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

/** The source's fault, never ours: it is retried or reported, and nothing else breaks. */
export class SourceFault extends Error {
  override readonly name = 'SourceFault';
  readonly reason: FaultReason;
  /** The HTTP status, for `status`. */
  readonly status: number | undefined;

  constructor(reason: FaultReason, message: string, status?: number, cause?: unknown) {
    super(message, { cause });
    this.reason = reason;
    this.status = status;
  }

  /** Whether asking again soon could help. */
  get isPassing(): boolean {
    return this.reason === 'network' || this.reason === 'timeout' || this.reason === 'status';
  }
}

/**
 * What went wrong while a source was read, as its fault. An error of another class is a mistake of ours that the
 * source brought out: it is reported in full, and costs one load instead of the server.
 */
export function faultOf(error: unknown, log: Logger): SourceFault {
  if (error instanceof SourceFault) return error;
  log.error({ err: error }, 'unexpected error while reading the source');
  return new SourceFault('bad-playlist', 'the source cannot be read');
}
