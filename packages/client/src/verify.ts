import { sha256 } from '@noble/hashes/sha2.js';

/** SHA-256 of `bytes`. */
export type Digest = (bytes: Uint8Array<ArrayBuffer>) => Promise<Uint8Array>;

/** `crypto.subtle` exists only on https and localhost; elsewhere the same is computed in JavaScript. */
export function makeDigest(
  subtle: Pick<SubtleCrypto, 'digest'> | null | undefined = (globalThis.crypto as Crypto | undefined)?.subtle,
): Digest {
  if (subtle == null) return (bytes) => Promise.resolve(sha256(bytes));
  return async (bytes) => {
    try {
      return new Uint8Array(await subtle.digest('SHA-256', bytes));
    } catch {
      // Out of memory in the browser's crypto process: never held against the sender.
      return sha256(bytes);
    }
  };
}

/** Whether `bytes` are what the piece list says. */
export async function matches(
  digest: Digest,
  bytes: Uint8Array<ArrayBuffer>,
  expected: Uint8Array,
): Promise<boolean> {
  const actual = await digest(bytes);
  return actual.length === expected.length && actual.every((byte, i) => byte === expected[i]);
}
