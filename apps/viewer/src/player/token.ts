/** The access token of a private stream, or the page's function that makes one. */
export type TokenSource = string | (() => string | Promise<string>);

/** The address with the token in its query, for requests that the client does not make. */
export async function withToken(url: string, token: TokenSource | undefined): Promise<string> {
  const value = typeof token === 'function' ? await token() : token;
  if (value === undefined) return url;
  const whole = new URL(url);
  whole.searchParams.set('token', value);
  return whole.href;
}
