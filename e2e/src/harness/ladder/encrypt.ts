import { createCipheriv, createHash } from 'node:crypto';
import type { Track } from './media-track.ts';
import { encryptSamples } from './sample-aes.ts';

/** A key of the rotation: 16 bytes that depend only on its number. */
export function keyOf(number: number): Buffer {
  return createHash('sha256').update(`key ${number}`).digest().subarray(0, 16);
}

/** The IV when the playlist gives none: the media sequence number (RFC 8216, 5.2). */
function ivOf(msn: number): Buffer {
  const iv = Buffer.alloc(16);
  iv.writeUInt32BE(msn, 12);
  return iv;
}

/**
 * Encrypts the samples of each MPEG-TS segment with SAMPLE-AES and leaves the container clear. A new key follows every
 * `every` segments, without an IV in the playlist.
 * @param keyUrl the URL of a key without its number
 */
export function encryptTrackSamples({ entries, files }: Track, keyUrl: string, every: number): Track {
  const encrypted = new Map<string, Buffer>();
  return {
    entries: entries.map((entry, msn) => {
      const number = Math.floor(msn / every);
      const clear = files.get(entry.uri) ?? Buffer.alloc(0);
      encrypted.set(entry.uri, encryptSamples(clear, keyOf(number), ivOf(msn)));
      return { ...entry, key: `#EXT-X-KEY:METHOD=SAMPLE-AES,URI="${keyUrl}${number}"` };
    }),
    files: encrypted,
  };
}

/**
 * Encrypts each segment as a whole with AES-128, with a new key every `every` segments. Without an IV in the playlist,
 * the IV is the media sequence number (RFC 8216, 5.2). An init segment is encrypted with the key of the first segment
 * that needs it, and with its own IV, which is mandatory (RFC 8216, 4.3.2.5).
 * @param keyUrl the URL of a key without its number
 */
export function encryptTrack({ entries, files }: Track, keyUrl: string, every: number): Track {
  const encrypted = new Map<string, Buffer>();
  const mapKeys = new Map<string, string>();
  const put = (name: string, number: number, iv: Buffer): void => {
    const cipher = createCipheriv('aes-128-cbc', keyOf(number), iv);
    encrypted.set(name, Buffer.concat([cipher.update(files.get(name) ?? Buffer.alloc(0)), cipher.final()]));
  };
  return {
    entries: entries.map((entry, msn) => {
      const number = Math.floor(msn / every);
      put(entry.uri, number, ivOf(msn));
      const key = `#EXT-X-KEY:METHOD=AES-128,URI="${keyUrl}${number}"`;
      if (entry.map === undefined) return { ...entry, key };
      let mapKey = mapKeys.get(entry.map);
      if (mapKey === undefined) {
        const own = createHash('sha256').update(entry.map).digest().subarray(0, 16);
        put(/URI="([^"]+)"/.exec(entry.map)?.[1] ?? '', number, own);
        mapKeys.set(entry.map, (mapKey = `${key},IV=0x${own.toString('hex')}`));
      }
      return { ...entry, key, mapKey };
    }),
    files: encrypted,
  };
}
