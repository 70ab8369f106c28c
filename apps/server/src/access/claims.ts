import { BlockList, isIP } from 'node:net';
import type { StreamName } from '@freshet/protocol';
import * as v from 'valibot';
import { type Denial, forbidden } from './denial.ts';
import { matchesPattern } from './pattern.ts';

const text = v.pipe(v.string(), v.maxLength(256));
/** Seconds since 1970. */
const time = v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(1e11));

/** The claims of a viewer's token. jose has checked `exp` and `nbf`; further claims are ignored. */
export const Claims = v.object({
  /** The stream's name, or a pattern in which `*` stands for any characters. */
  stream: text,
  exp: time,
  iat: v.optional(time),
  /** Whom the token is for, and its number: for revocations. */
  sub: v.optional(text),
  jti: v.optional(text),
  /** The only address, or prefix (`203.0.113.0/24`), from which it is valid. */
  ip: v.optional(text),
  /** The only site whose pages may use it: `https://tv.example.org`. */
  origin: v.optional(text),
});
export type Claims = v.InferOutput<typeof Claims>;

/** Where a request comes from. */
export interface Origin {
  readonly address: string;
  /** The header `Origin`, or the page's own site where a browser leaves it out. Undefined: not a page. */
  readonly site: string | undefined;
}

/** @returns undefined if a token with these claims permits to watch the stream from there */
export function claimsDeny(claims: Claims, stream: StreamName, from: Origin): Denial | undefined {
  if (!matchesPattern(stream, claims.stream)) return forbidden('The token is for another stream.');
  if (claims.ip !== undefined && !isWithin(from.address, claims.ip))
    return forbidden('The token is for another address.');
  if (claims.origin !== undefined && claims.origin !== from.site)
    return forbidden('The token is for another site.');
  return undefined;
}

/** @param range an address, or a prefix such as `2001:db8::/32`; nothing is within a range that is neither */
function isWithin(address: string, range: string): boolean {
  const [base = '', bits, ...more] = range.split('/');
  const family = isIP(base);
  const plain = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i.exec(address)?.[1] ?? address;
  if (family === 0 || isIP(plain) !== family || more.length > 0) return false;
  const widest = family === 4 ? 32 : 128;
  const length = bits === undefined ? widest : /^\d{1,3}$/.test(bits) ? Number(bits) : -1;
  if (length < 0 || length > widest) return false;
  const list = new BlockList();
  const kind = family === 4 ? 'ipv4' : 'ipv6';
  list.addSubnet(base, length, kind);
  return list.check(plain, kind);
}
