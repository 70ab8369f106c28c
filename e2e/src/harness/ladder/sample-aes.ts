import { createCipheriv } from 'node:crypto';
import { mapPes } from './transport-stream.ts';

/** Stream types of an MPEG-TS, and the types for their encrypted samples (Apple, HLS sample encryption, 2). */
const ENCRYPTED_TYPES: ReadonlyMap<number, number> = new Map([
  [0x1b, 0xdb],
  [0x0f, 0xcf],
]);

/**
 * Encrypts an MPEG-TS segment's H.264 and AAC by METHOD=SAMPLE-AES (Apple, MPEG-2 Stream Encryption Format for HTTP
 * Live Streaming). The container stays clear.
 */
export function encryptSamples(segment: Buffer, key: Buffer, iv: Buffer): Buffer {
  return mapPes(segment, ENCRYPTED_TYPES, (type, payload) =>
    type === 0x1b ? encryptVideo(payload, key, iv) : type === 0x0f ? encryptAdts(payload, key, iv) : payload,
  );
}

/** H.264 in byte-stream format: encrypts one block in ten of each slice, after its first 32 bytes. */
function encryptVideo(payload: Buffer, key: Buffer, iv: Buffer): Buffer {
  return Buffer.concat(
    nalUnits(payload).flatMap(({ start, unit }) => [
      start,
      isSlice(unit) ? encryptSlice(unit, key, iv) : unit,
    ]),
  );
}

function isSlice(unit: Buffer): boolean {
  const type = (unit[0] ?? 0) & 0x1f;
  return (type === 1 || type === 5) && unit.length > 48;
}

function encryptSlice(unit: Buffer, key: Buffer, iv: Buffer): Buffer {
  const encrypted = Buffer.from(unit);
  const cipher = createCipheriv('aes-128-cbc', key, iv).setAutoPadding(false);
  for (let at = 32; encrypted.length - at > 16; at += 160)
    cipher.update(encrypted.subarray(at, at + 16)).copy(encrypted, at);
  return preventStartCodes(encrypted);
}

/** Ciphertext may look like a start code: 0 0 0..3 becomes 0 0 3 0..3 (H.264, 7.4.1). */
function preventStartCodes(unit: Buffer): Buffer {
  const bytes: number[] = [];
  let zeros = 0;
  for (const byte of unit) {
    if (zeros >= 2 && byte <= 3) {
      bytes.push(3);
      zeros = 0;
    }
    bytes.push(byte);
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  return Buffer.from(bytes);
}

/** The NAL units in order, each with its start code; together they are the payload. */
function nalUnits(payload: Buffer): { start: Buffer; unit: Buffer }[] {
  const starts: { at: number; length: number }[] = [];
  for (let at = 0; at + 2 < payload.length; at++) {
    if (payload[at] !== 0 || payload[at + 1] !== 0 || payload[at + 2] !== 1) continue;
    const long = at > 0 && payload[at - 1] === 0;
    starts.push(long ? { at: at - 1, length: 4 } : { at, length: 3 });
    at += 2;
  }
  return starts.map(({ at, length }, index) => ({
    start: payload.subarray(at, at + length),
    unit: payload.subarray(at + length, starts[index + 1]?.at ?? payload.length),
  }));
}

/** AAC in ADTS frames: encrypts all whole blocks of each frame, after its header and 16 bytes. */
function encryptAdts(payload: Buffer, key: Buffer, iv: Buffer): Buffer {
  const encrypted = Buffer.from(payload);
  for (let at = 0; at + 7 <= payload.length;) {
    if (payload.readUInt16BE(at) >> 4 !== 0xfff) throw new Error(`no ADTS frame at ${at}`);
    const header = ((payload[at + 1] ?? 0) & 1) === 1 ? 7 : 9;
    const length =
      (((payload[at + 3] ?? 0) & 3) << 11) | ((payload[at + 4] ?? 0) << 3) | ((payload[at + 5] ?? 0) >> 5);
    const first = at + header + 16;
    const blocks = Math.max(0, (at + length - first) >> 4);
    const cipher = createCipheriv('aes-128-cbc', key, iv).setAutoPadding(false);
    cipher.update(encrypted.subarray(first, first + blocks * 16)).copy(encrypted, first);
    at += length;
  }
  return encrypted;
}
