import { encodeFrame as encodeHonestly, type Frame } from './honest-frames.ts';

export * from './honest-frames.ts';

/** Replaces the frame codec in the polluter's build: every piece that it sends has one wrong bit. */
export function encodeFrame(frame: Frame): Uint8Array<ArrayBuffer> {
  const bytes = encodeHonestly(frame);
  if (frame.type === 'piece') bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  return bytes;
}
