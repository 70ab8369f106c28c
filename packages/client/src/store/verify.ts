/** SHA-256 of `bytes`; empty where it cannot be computed. */
export type Digest = (bytes: Uint8Array<ArrayBuffer>) => Promise<Uint8Array>;

type Sha256 = (bytes: Uint8Array) => Uint8Array;

/** A separate file in every bundle that can have one: pages with `crypto.subtle` never load it. */
async function loadSha256(): Promise<Sha256> {
  const { sha256 } = await import('@noble/hashes/sha2.js');
  return sha256;
}

/**
 * `crypto.subtle` exists only on https and localhost. Elsewhere the hash is computed in JavaScript.
 * @param onUnable called when the code for that cannot be loaded, so that nothing can be verified
 */
export function makeDigest(
  onUnable: () => void = () => undefined,
  subtle: Pick<SubtleCrypto, 'digest'> | null | undefined = (globalThis.crypto as Crypto | undefined)?.subtle,
  load: () => Promise<Sha256> = loadSha256,
): Digest {
  const inJavaScript: Digest = async (bytes) => {
    try {
      return (await load())(bytes);
    } catch {
      onUnable();
      return new Uint8Array();
    }
  };
  if (subtle == null) {
    // Loaded at once, because the first segment waits for it.
    load().catch(onUnable);
    return inJavaScript;
  }
  return async (bytes) => {
    try {
      return new Uint8Array(await subtle.digest('SHA-256', bytes));
    } catch {
      // The browser's crypto process is out of memory, which is never the sender's fault.
      return inJavaScript(bytes);
    }
  };
}

/** Whether `bytes` match their hash in the piece list. */
export async function matches(
  digest: Digest,
  bytes: Uint8Array<ArrayBuffer>,
  expected: Uint8Array,
): Promise<boolean> {
  const actual = await digest(bytes);
  return actual.length === expected.length && actual.every((byte, i) => byte === expected[i]);
}
