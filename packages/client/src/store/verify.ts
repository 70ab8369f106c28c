/** SHA-256 of `bytes`; nothing where it cannot be computed. */
export type Digest = (bytes: Uint8Array<ArrayBuffer>) => Promise<Uint8Array>;

type Sha256 = (bytes: Uint8Array) => Uint8Array;

/** A file of its own in every bundle that can have one: pages with `crypto.subtle` never load it. */
async function loadSha256(): Promise<Sha256> {
  const { sha256 } = await import('@noble/hashes/sha2.js');
  return sha256;
}

/**
 * `crypto.subtle` exists only on https and localhost; elsewhere the same is computed in JavaScript.
 * @param onUnable the code for that cannot be loaded: nothing can be verified here.
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
    // Asked for at once: the first segment waits for it.
    load().catch(onUnable);
    return inJavaScript;
  }
  return async (bytes) => {
    try {
      return new Uint8Array(await subtle.digest('SHA-256', bytes));
    } catch {
      // Out of memory in the browser's crypto process: never held against the sender.
      return inJavaScript(bytes);
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
