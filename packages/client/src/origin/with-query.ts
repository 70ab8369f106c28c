/**
 * The address with these parameters in its query; one that it has already is replaced. Unchanged when there is nothing to
 * add: how a signed address is written is part of its signature.
 * @param query `a=1&b=2`, with or without a question mark before it
 */
export function withQuery(url: string, query: string): string {
  const added = new URLSearchParams(query);
  if (added.size === 0 || !URL.canParse(url)) return url;
  const whole = new URL(url);
  for (const [name, value] of added) whole.searchParams.set(name, value);
  return whole.href;
}
