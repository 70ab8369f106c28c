/**
 * How a stream's source is doing:
 * `starting`: nothing came yet; `live`: segments come; `stale`: the source is out, the buffer is served;
 * `down`: out, and the buffer holds nothing that a live viewer could still want; `ended`: it said so (EXT-X-ENDLIST).
 */
export type SourceState = 'starting' | 'live' | 'stale' | 'down' | 'ended';

/**
 * Why nothing comes of a source that ffmpeg reads.
 * `ffmpeg-missing`: install it; `coding`: it sends what browsers do not play; `unreachable`: ffmpeg or we could not get it,
 * or it ended; `silent`: it is connected and sends nothing.
 */
type ProblemReason = 'ffmpeg-missing' | 'coding' | 'unreachable' | 'silent';

export interface SourceProblem {
  readonly reason: ProblemReason;
  /** For the operator: what to do, or ffmpeg's own words. Without keys and passwords. */
  readonly message: string;
}
