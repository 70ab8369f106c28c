/** A seeded random generator: mulberry32. Returns numbers in [0, 1). */
export function seededRandom(seed: number): () => number {
  // A signed integer: an unsigned one of 32 bits is allocated on the heap at each step.
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
