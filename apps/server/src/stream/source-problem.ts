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
