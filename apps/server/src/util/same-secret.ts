import { createHash, timingSafeEqual } from 'node:crypto';

/** Compares in constant time, so that nobody can measure how much of a guess is correct. */
export function sameSecret(a: string, b: string): boolean {
  return timingSafeEqual(digest(a), digest(b));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
