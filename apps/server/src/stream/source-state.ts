/**
 * How a stream's source is doing:
 * `starting`: nothing came yet; `live`: segments come; `stale`: the source is out, the buffer is served;
 * `down`: out, and the buffer holds nothing that a live viewer could still want; `ended`: it said so (EXT-X-ENDLIST).
 */
export type SourceState = 'starting' | 'live' | 'stale' | 'down' | 'ended';
