import { createCipheriv, createHash } from 'node:crypto';
import type { Track } from './media-track.ts';

/** Of a rotation: 16 bytes that depend on the number alone. */
export function keyOf(number: number): Buffer {
  return createHash('sha256').update(`key ${number}`).digest().subarray(0, 16);
}

/**
 * Each segment as a whole under AES-128, with a new key every `every` segments. Without an IV in the playlist: that
 * is then the media sequence number (RFC 8216, 5.2).
 * @param keyUrl what the number of a key is put behind
 */
export function encryptTrack({ entries, files }: Track, keyUrl: string, every: number): Track {
  const encrypted = new Map<string, Buffer>();
  return {
    entries: entries.map((entry, msn) => {
      const number = Math.floor(msn / every);
      const iv = Buffer.alloc(16);
      iv.writeUInt32BE(msn, 12);
      const cipher = createCipheriv('aes-128-cbc', keyOf(number), iv);
      const clear = files.get(entry.uri) ?? Buffer.alloc(0);
      encrypted.set(entry.uri, Buffer.concat([cipher.update(clear), cipher.final()]));
      return { ...entry, key: `#EXT-X-KEY:METHOD=AES-128,URI="${keyUrl}${number}"` };
    }),
    files: encrypted,
  };
}
