import { isStreamName, playlistUrl } from '../urls.ts';

const PANEL_MODES = ['closed', 'open', 'none'] as const;
export type PanelMode = (typeof PANEL_MODES)[number];

/** The element's attributes, read and checked. */
export interface PlayerOptions {
  /** Absolute URL of the multivariant playlist. */
  readonly url: string;
  /** For messages; undefined if only `src` is given. */
  readonly stream: string | undefined;
  readonly autoplay: boolean;
  readonly muted: boolean;
  readonly debug: boolean;
  /** Access token of a private stream. The property `token` takes precedence. */
  readonly token: string | undefined;
}

/** Reads one attribute; null if it is absent, like `getAttribute`. */
export type ReadAttribute = (name: string) => string | null;

/**
 * `src`, or `server` and `stream`; `src` wins. Relative URLs are relative to the page.
 * @returns a sentence for the integrator if the attributes name no stream.
 */
export function readOptions(read: ReadAttribute, pageUrl: string): PlayerOptions | string {
  const stream = read('stream') ?? undefined;
  const where = locate(read('src'), read('server'), stream, pageUrl);
  if ('problem' in where) return where.problem;
  return {
    url: where.url,
    stream,
    autoplay: read('autoplay') !== null,
    muted: read('muted') !== null,
    debug: read('debug') !== null,
    token: read('token') ?? undefined,
  };
}

type Location = { readonly url: string } | { readonly problem: string };

function locate(
  src: string | null,
  server: string | null,
  stream: string | undefined,
  pageUrl: string,
): Location {
  try {
    if (src !== null) return httpOnly(new URL(src, pageUrl).href);
    if (stream === undefined) return { problem: 'No stream is set.' };
    if (!isStreamName(stream)) return { problem: 'The stream name is not valid.' };
    return httpOnly(playlistUrl(server ?? './', stream, pageUrl));
  } catch {
    return { problem: 'The stream address is not a URL.' };
  }
}

function httpOnly(url: string): Location {
  return /^https?:/.test(url) ? { url } : { problem: 'The stream address must start with http.' };
}

/** An unknown mode counts as the default, `closed`. */
export function readPanelMode(value: string | null): PanelMode {
  return PANEL_MODES.find((mode) => mode === value) ?? 'closed';
}
