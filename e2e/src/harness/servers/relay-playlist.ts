/** One media playlist of the relay, with what the tests need of it. */
export interface RelayPlaylist {
  readonly firstMsn: number;
  readonly segments: readonly { readonly url: string; readonly seconds: number }[];
}

/** Reads a stream's first rendition through its multivariant playlist, without any of the product's code. */
export async function readRelay(multivariantUrl: string): Promise<RelayPlaylist> {
  const multivariant = await fetchText(multivariantUrl);
  const variant = multivariant.split('\n').find((line) => line !== '' && !line.startsWith('#'));
  if (variant === undefined) throw new Error(`no variant in ${multivariantUrl}:\n${multivariant}`);
  const url = new URL(variant.trim(), multivariantUrl).href;
  const text = await fetchText(url);
  const segments = Array.from(
    text.matchAll(/^#EXTINF:([\d.]+).*\n(?:#.*\n)*([^#\s].*)$/gm),
    ([, seconds, uri]) => ({
      url: new URL((uri ?? '').trim(), url).href,
      seconds: Number(seconds),
    }),
  );
  return { firstMsn: Number(/^#EXT-X-MEDIA-SEQUENCE:(\d+)/m.exec(text)?.[1] ?? 0), segments };
}

async function fetchText(url: string): Promise<string> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return response.text();
}
