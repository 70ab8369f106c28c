/** What the header `Authorization` of a request says: `Bearer TOKEN`, or Basic with user and password. */
export function credentials(authorization: string | undefined): {
  readonly user?: string;
  readonly password?: string;
  readonly token?: string;
} {
  const [scheme = '', text = '', ...more] = (authorization ?? '').split(' ');
  if (more.length > 0 || text === '') return {};
  if (scheme.toLowerCase() === 'bearer') return { token: text };
  if (scheme.toLowerCase() !== 'basic') return {};
  const pair = Buffer.from(text, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  return colon === -1 ? {} : { user: pair.slice(0, colon), password: pair.slice(colon + 1) };
}
