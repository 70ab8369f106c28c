import { SourceFault } from './source-fault.ts';

/**
 * A URI of a playlist as an absolute http or https URL. It is only ever fetched, never turned into a path of ours.
 * @throws SourceFault for what is no such URL
 */
export function absoluteUrl(uri: string, base: string): string {
  const url = URL.canParse(uri, base) ? new URL(uri, base) : undefined;
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw new SourceFault('bad-playlist', `not an http address: ${uri.slice(0, 200)}`);
  return url.href;
}
