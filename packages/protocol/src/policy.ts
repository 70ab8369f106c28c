import * as v from 'valibot';

/** One entry of RTCConfiguration.iceServers. */
export const IceServer = v.object({
  urls: v.pipe(v.string(), v.maxLength(512)),
  username: v.optional(v.pipe(v.string(), v.maxLength(512))),
  credential: v.optional(v.pipe(v.string(), v.maxLength(512))),
});
export type IceServer = v.InferOutput<typeof IceServer>;

/**
 * The broadcaster's rules, pushed to every viewer on join. A viewer may be stricter, never laxer.
 */
export const Policy = v.object({
  /** `full`: direct links; `relay-only`: through TURN, so that viewers do not learn each other's addresses; `off`: plain HLS. */
  mode: v.picklist(['full', 'relay-only', 'off']),
  /** Why it is off, when that is not the broadcaster's wish. `per-viewer`: segments differ from viewer to viewer. */
  because: v.optional(v.picklist(['per-viewer'])),
  /** Links a viewer keeps open. Default 8. Fewer: slower spread; more: more control traffic. At most LIMITS.neighbours. */
  maxNeighbours: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(20)),
  /** Upload cap of one viewer in kbit/s; absent: twice the stream's bitrate. Below it a viewer gives what its line carries. */
  uploadLimitKbps: v.optional(v.pipe(v.number(), v.minValue(0))),
  /** What one viewer gives in a session before it turns download-only, in megabytes. Default 2000. */
  uploadBudgetMb: v.pipe(v.number(), v.minValue(0)),
  /** STUN and TURN servers. None: only viewers of one network find each other. */
  iceServers: v.pipe(v.array(IceServer), v.maxLength(8)),
});
export type Policy = v.InferOutput<typeof Policy>;

export const DEFAULT_POLICY: Policy = {
  mode: 'full',
  maxNeighbours: 8,
  uploadBudgetMb: 2000,
  iceServers: [],
};
