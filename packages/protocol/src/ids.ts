import { LIMITS } from './limits.ts';

/** The name under which a broadcaster publishes: letters, digits, `-` and `_`, at most 64. */
export type StreamName = string;

/** Issued by the tracker; derived from a secret that only the viewer holds, so it survives reconnects. */
export type PeerId = string;

/**
 * Eight hexadecimal digits, derived from a rendition's normalised attributes and independent of the order in the
 * playlist.
 */
export type RenditionId = string;

/** Milliseconds on a host's own monotonic clock. Never compared between hosts. */
export type Millis = number;

/**
 * A segment's identity. Never its URL: query strings, per-viewer tokens and CDN hosts differ between viewers. `epoch`
 * (a 32-bit number) grows when the server or the encoder restarts; `msn` is the media sequence number in our own
 * playlists. With `part`, counted from 0, the id names a low-latency part of that segment, which the swarm treats as a
 * small segment of its own.
 */
export interface SegmentId {
  readonly epoch: number;
  readonly rendition: RenditionId;
  readonly msn: number;
  readonly part?: number | undefined;
}

/** `epoch/rendition/msn` or `epoch/rendition/msn.part`: a SegmentId as a map key. */
export type SegmentKey = string;

export const STREAM_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;
export const RENDITION_ID = /^[0-9a-f]{8}$/;
export const PEER_ID = /^[A-Za-z0-9_-]{16}$/;

const MAX_EPOCH = 0xffffffff;
/** Media sequence numbers travel in 48 bits: some packagers count in milliseconds since 1970. */
export const MAX_MSN = 2 ** 48 - 1;

/**
 * The most recent keys, indexed by sequence number modulo 64: a simulated swarm looks up the same keys all the time.
 */
const recent: { readonly id: SegmentId; readonly key: SegmentKey }[] = [];

export function segmentKey(id: SegmentId): SegmentKey {
  const place = id.msn % 64;
  const last = recent[place];
  if (last?.id === id) return last.key;
  const key = `${id.epoch}/${id.rendition}/${name(id)}`;
  recent[place] = { id, key };
  return key;
}

function name({ msn, part }: SegmentId): string {
  return part === undefined ? `${msn}` : `${msn}.${part}`;
}

const KEY = /^(\d{1,10})\/([0-9a-f]{8})\/(\d{1,15})(?:\.(\d{1,3}))?$/;

/** @returns undefined for anything that `segmentKey` could not have made. */
export function parseSegmentKey(text: string): SegmentId | undefined {
  const match = KEY.exec(text);
  if (match === null) return undefined;
  const [, epochText = '', rendition = '', msnText = '', partText] = match;
  const epoch = Number(epochText);
  const msn = Number(msnText);
  if (epoch > MAX_EPOCH || msn > MAX_MSN) return undefined;
  if (partText === undefined) return { epoch, rendition, msn };
  const part = Number(partText);
  return part < LIMITS.partsPerSegment ? { epoch, rendition, msn, part } : undefined;
}

/**
 * A segment's file below its rendition's folder: `<msn>.<ext>?epoch=<epoch>`, or `<msn>.<part>.<ext>?epoch=<epoch>` for
 * a part. The epoch makes the URL immutable. It is part of the query because players compare a segment's path from one
 * reload to the next (hls.js ends playback when it changes), and a restarted server continues with the same numbers in
 * a new epoch.
 */
export function segmentFile(id: SegmentId, extension: string): string {
  return `${name(id)}.${extension}?epoch=${id.epoch}`;
}

/**
 * The tag before a segment's address at the broadcaster's CDN in our playlists. It carries the segment's key, which the
 * address does not contain. Players ignore unknown tags.
 */
export const SEGMENT_TAG = '#EXT-X-FRESHET-SEGMENT:';

const FILE = /\/([0-9a-f]{8})\/(\d{1,15}(?:\.\d{1,3})?)\.[a-z0-9]{1,5}$/;
const EPOCH = /(?:^|&)epoch=(\d{1,10})(?:&|$)/;

/**
 * Reads a segment's identity from a URL of our relay: `…/live/<stream>/<rendition>/<msn>[.<part>].<ext>?epoch=<epoch>`,
 * with any further parameters.
 * @returns undefined for a URL of any other form (an init segment, a key, a file of another server).
 */
export function segmentIdFromUrl(url: string): SegmentId | undefined {
  const [withoutHash = ''] = url.split('#', 1);
  const [path = '', ...query] = withoutHash.split('?');
  const file = FILE.exec(path);
  const epoch = EPOCH.exec(query.join('?'));
  if (file === null || epoch === null) return undefined;
  const [, rendition = '', msn = ''] = file;
  return parseSegmentKey(`${epoch[1] ?? ''}/${rendition}/${msn}`);
}
