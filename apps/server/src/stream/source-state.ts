/**
 * State of a stream's source:
 * `starting`: nothing has arrived yet; `live`: segments arrive; `stale`: the source is out, the buffer is served;
 * `down`: out, and the buffer holds nothing that a live viewer could still need; `ended`: the source said so
 * (EXT-X-ENDLIST).
 */
export type SourceState = 'starting' | 'live' | 'stale' | 'down' | 'ended';

/**
 * Why a source that ffmpeg reads delivers nothing.
 * `ffmpeg-missing`: install it; `coding`: it sends what browsers do not play; `unreachable`: it could not be reached,
 * or it ended; `silent`: it is connected and sends nothing.
 */
type ProblemReason = 'ffmpeg-missing' | 'coding' | 'unreachable' | 'silent';

export interface SourceProblem {
  readonly reason: ProblemReason;
  /** For the operator: what to do, or ffmpeg's own words. Without keys and passwords. */
  readonly message: string;
}
