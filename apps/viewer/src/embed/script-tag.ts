import { isStreamName, serverBeside } from '../urls.ts';

/** The settings of an embed's script tag, as attributes of the player. */
export type EmbedAttributes = Readonly<Record<string, string>>;

/** The properties used of a script element. */
export interface ScriptTag {
  readonly src: string;
  readonly dataset: Readonly<Partial<Record<string, string>>>;
}

/** Absent: `fallback`. `false`, `0`, `no` and `off` are off; anything else, including an empty value, is on. */
export function isOn(value: string | undefined, fallback: boolean): boolean {
  return value === undefined ? fallback : !['false', '0', 'no', 'off'].includes(value.trim().toLowerCase());
}

/**
 * `data-stream` names the stream on the server of the script. `data-autoplay` is on by default, and `data-muted` with
 * it: the player starts muted and offers a button for the sound. Without autoplay, the click that starts the player
 * also permits sound. `data-panel`: `closed`, `open` or `none`. `data-poster`, `data-token`, `data-debug`. `embed.ts` reads
 * `data-token-function`.
 * @returns a sentence for the page's author if the tag names no stream.
 */
export function readScriptTag({ src, dataset }: ScriptTag): EmbedAttributes | string {
  const stream = dataset['stream'];
  if (stream === undefined || !isStreamName(stream)) {
    return 'freshet: set data-stream="…" on the script tag to the name of a stream';
  }
  if (!/^https?:/.test(src)) return 'freshet: load embed.js by its http(s) URL from the server of the stream';
  const { panel, poster, token } = dataset;
  const autoplay = isOn(dataset['autoplay'], true);
  return {
    server: serverBeside(src),
    stream,
    ...(autoplay && { autoplay: '' }),
    ...(isOn(dataset['muted'], autoplay) && { muted: '' }),
    ...(panel !== undefined && { panel }),
    ...(poster !== undefined && { poster }),
    ...(token !== undefined && { token }),
    ...(isOn(dataset['debug'], false) && { debug: '' }),
  };
}
