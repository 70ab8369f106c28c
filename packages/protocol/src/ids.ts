/** The name under which a broadcaster publishes: letters, digits, `-` and `_`, at most 64. */
export type StreamName = string;

/** Issued by the tracker; derived from a secret that only the viewer holds, so it survives reconnects. */
export type PeerId = string;

/** Eight hexadecimal digits, made from a rendition's normalised attributes: the same in every playlist order. */
export type RenditionId = string;

/** Milliseconds on a host's own monotonic clock. Never compared between hosts. */
export type Millis = number;

/**
 * A segment's identity. Never its URL: query strings, per-viewer tokens and CDN hosts differ between viewers.
 * `epoch` (a 32-bit number) grows when the server or the encoder restarts; `msn` is the media sequence number
 * that our own playlists give it.
 */
export interface SegmentId {
  readonly epoch: number;
  readonly rendition: RenditionId;
  readonly msn: number;
}

/** `epoch/rendition/msn`: a SegmentId as a map key, and the path of its URL below the stream's. */
export type SegmentKey = string;

export const STREAM_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;
export const RENDITION_ID = /^[0-9a-f]{8}$/;
export const PEER_ID = /^[A-Za-z0-9_-]{16}$/;

const MAX_EPOCH = 0xffffffff;
/** Media sequence numbers travel in 48 bits: some packagers count in milliseconds since 1970. */
export const MAX_MSN = 2 ** 48 - 1;

export function segmentKey(id: SegmentId): SegmentKey {
  return `${id.epoch}/${id.rendition}/${id.msn}`;
}

const KEY = /^(\d{1,10})\/([0-9a-f]{8})\/(\d{1,15})$/;

/** @returns undefined for anything that `segmentKey` could not have made. */
export function parseSegmentKey(text: string): SegmentId | undefined {
  const match = KEY.exec(text);
  if (match === null) return undefined;
  const [, epochText = '', rendition = '', msnText = ''] = match;
  const epoch = Number(epochText);
  const msn = Number(msnText);
  return epoch <= MAX_EPOCH && msn <= MAX_MSN ? { epoch, rendition, msn } : undefined;
}

/**
 * Reads a segment's identity off a URL of our relay: `…/live/<stream>/<epoch>/<rendition>/<msn>.<ext>[?query]`.
 * @returns undefined for a URL of any other shape (an init segment, a key, someone else's file).
 */
export function segmentIdFromUrl(url: string): SegmentId | undefined {
  const path = url.split(/[?#]/, 1)[0] ?? '';
  const match = /\/(\d+\/[0-9a-f]{8}\/\d+)\.[a-z0-9]{1,5}$/.exec(path);
  return match?.[1] === undefined ? undefined : parseSegmentKey(match[1]);
}
