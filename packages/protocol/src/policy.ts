import * as v from 'valibot';

/** One entry of RTCConfiguration.iceServers. */
export const IceServer = v.object({
  urls: v.pipe(v.string(), v.maxLength(512)),
  username: v.optional(v.pipe(v.string(), v.maxLength(512))),
  credential: v.optional(v.pipe(v.string(), v.maxLength(512))),
});
export type IceServer = v.InferOutput<typeof IceServer>;

/**
 * The broadcaster's rules for viewers, sent to each on join. A viewer may apply a stricter policy, never a laxer one.
 */
export const Policy = v.object({
  /**
   * `full`: direct links; `relay-only`: through TURN, so that viewers do not learn each other's addresses; `off`: plain
   * HLS.
   */
  mode: v.picklist(['full', 'relay-only', 'off']),
  /**
   * The reason for mode `off` when the broadcaster did not choose it. `per-viewer`: segments differ from viewer to
   * viewer.
   */
  because: v.optional(v.picklist(['per-viewer'])),
  /**
   * Links that a viewer keeps open. Default 8. Fewer slow the spread; more add control traffic. At most
   * LIMITS.neighbours.
   */
  maxNeighbours: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(20)),
  /**
   * Upload cap of one viewer in kbit/s; absent: twice the stream's bitrate. Below the cap a viewer uploads what its
   * line carries.
   */
  uploadLimitKbps: v.optional(v.pipe(v.number(), v.minValue(0))),
  /** The upload of one viewer in a session, in megabytes, after which it only downloads. Default 2000. */
  uploadBudgetMb: v.pipe(v.number(), v.minValue(0)),
  /** STUN and TURN servers. Without any, only viewers in the same network can connect to each other. */
  iceServers: v.pipe(v.array(IceServer), v.maxLength(8)),
});
export type Policy = v.InferOutput<typeof Policy>;

export const DEFAULT_POLICY: Policy = {
  mode: 'full',
  maxNeighbours: 8,
  uploadBudgetMb: 2000,
  iceServers: [],
};
