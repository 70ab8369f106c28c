import { randomBytes } from 'node:crypto';
import { type CryptoKey, type JWTPayload, SignJWT } from 'jose';

/** The secret of the servers under test. */
export const SECRET = randomBytes(32).toString('hex');

export const PRIVATE = ['--access', 'demo=token', '--token-secret', SECRET] as const;

/** Seconds since 1970. */
export function inSeconds(seconds: number): number {
  return Math.floor(Date.now() / 1000) + seconds;
}

/** A token that is valid for the demo for a minute. @param claims further claims, or other ones */
export function sign(
  claims: JWTPayload = {},
  key: CryptoKey | Uint8Array | string = SECRET,
  header: { readonly alg: string; readonly kid?: string } = { alg: 'HS256' },
  ends = true,
): Promise<string> {
  return new SignJWT({ stream: 'demo', iat: inSeconds(0), ...(ends && { exp: inSeconds(60) }), ...claims })
    .setProtectedHeader(header)
    .sign(typeof key === 'string' ? new TextEncoder().encode(key) : key);
}

/** The addresses in a playlist, absolute. */
export function addressesIn(text: string, base: string): string[] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => new URL(line, base).href);
}

/** Reads the multivariant playlist and the first media playlist, until it lists a segment. */
export async function listed(
  server: string,
  token: string,
): Promise<{ readonly playlist: string; readonly text: string; readonly segments: readonly string[] }> {
  const root = `${server}/live/demo/index.m3u8?token=${token}`;
  for (;;) {
    const multivariant = await fetch(root);
    if (!multivariant.ok) throw new Error(`${multivariant.status}: ${await multivariant.text()}`);
    const [playlist = ''] = addressesIn(await multivariant.text(), root);
    const text = await (await fetch(playlist)).text();
    const segments = addressesIn(text, playlist);
    if (segments.length > 0) return { playlist, text, segments };
  }
}
