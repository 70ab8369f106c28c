/**
 * Sets these parameters in the address's query and replaces those of the same name. With nothing to add the address
 * stays unchanged, because a signature covers its exact spelling.
 * @param query `a=1&b=2`, with or without a leading question mark, or the parameters by name
 */
export function withQuery(url: string, query: string | Record<string, string>): string {
  const added = new URLSearchParams(query);
  if (added.size === 0 || !URL.canParse(url)) return url;
  const whole = new URL(url);
  for (const [name, value] of added) whole.searchParams.set(name, value);
  return whole.href;
}
