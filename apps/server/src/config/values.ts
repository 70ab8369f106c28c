import * as v from 'valibot';
import { STREAM_NAME } from '@freshet/protocol';
import { type ProxyTrust, trustRanges } from '../util/client-address.ts';
import { namedValues } from '../util/named-values.ts';
import { parseIceServer } from './ice-server.ts';
import { LADDER, type LadderStep, readLadder } from './ladder.ts';
import { checkedSource } from './source-kind.ts';

/**
 * The schemas of the options' values. Each accepts the text of a flag or an environment variable as well as the JSON
 * value of a config file. Messages say what to write instead, where that is not obvious.
 */

/** @param low inclusive @param high inclusive */
export function numberBetween(low: number, high: number, whole = true) {
  const wanted = `a ${whole ? 'whole ' : ''}number from ${low} to ${high}`;
  const message = (issue: v.BaseIssue<unknown>) => `${issue.received} is not ${wanted}`;
  return v.pipe(
    v.union(
      [
        v.number(),
        v.pipe(
          v.string(),
          v.regex(/^\s*-?\d+(\.\d+)?\s*$/),
          v.transform((text) => Number(text)),
        ),
      ],
      (issue) => `${quoted(issue.input)} is not ${wanted}`,
    ),
    v.check((value) => !whole || Number.isInteger(value), message),
    v.minValue(low, message),
    v.maxValue(high, message),
  );
}

export function oneOf<const T extends readonly [string, ...string[]]>(choices: T) {
  return v.picklist(choices, (issue) => `${quoted(issue.input)} is not one of ${choices.join(', ')}`);
}

/** Non-empty text. */
export const text = v.pipe(
  v.string((issue) => `${quoted(issue.input)} is not text`),
  v.trim(),
  v.minLength(1, 'is empty'),
);

export interface SourceOption {
  readonly name: string;
  /** The source's address. It may contain credentials, so it is never shown to viewers. */
  readonly url: string;
}

export interface IngestKeyOption {
  readonly name: string;
  readonly key: string;
}

/** Streams of one server: as many as the configuration names, and as many again that the console adds. */
export const MAX_STREAMS = 64;

const source = v.pipe(
  text,
  v.rawTransform<string, SourceOption>(({ dataset, addIssue, NEVER }) => {
    const [name, address] = atEquals(dataset.value);
    const checked = checkedSource(address, true);
    const problem = !STREAM_NAME.test(name)
      ? `"${dataset.value}" has no valid stream name. Write name=http://host/path/index.m3u8, the name in letters, digits, - and _ (at most 64)`
      : 'problem' in checked
        ? `"${address}" ${checked.problem}. Write ${name}=http://host/path/index.m3u8, or see docs/sources.md`
        : undefined;
    if (problem === undefined && 'url' in checked) return { name, url: checked.url };
    addIssue({ message: problem ?? '' });
    return NEVER;
  }),
);

/** A list of `name=url`. A config file may have an object from names to addresses instead. */
export const sources = v.pipe(
  named('url'),
  v.array(source),
  v.maxLength(MAX_STREAMS, `has more than ${MAX_STREAMS} streams. Start another server for the rest`),
  v.check((list) => haveOwnNames(list), 'uses a stream name twice. Give each stream its own name'),
);

/** Only characters that need no escaping in a URL. */
const KEY = /^[A-Za-z0-9._~-]{12,128}$/;

const ingestKey = v.pipe(
  text,
  v.rawTransform<string, IngestKeyOption>(({ dataset, addIssue, NEVER }) => {
    const [name, key] = atEquals(dataset.value);
    if (STREAM_NAME.test(name) && KEY.test(key)) return { name, key };
    // The message omits the key: messages end up in logs.
    addIssue({
      message: STREAM_NAME.test(name)
        ? `the key of "${name}" is not valid. Write ${name}=KEY, the key in 12 to 128 letters, digits, -, ., _ and ~`
        : 'there is no valid stream name. Write name=KEY, the name in letters, digits, - and _ (at most 64)',
    });
    return NEVER;
  }),
);

/** A list of `name=key`. A config file may have an object from names to keys instead. */
export const ingestKeys = v.pipe(
  named('key'),
  v.array(ingestKey),
  v.maxLength(MAX_STREAMS, `has more than ${MAX_STREAMS} streams. Start another server for the rest`),
  v.check((list) => haveOwnNames(list), 'uses a stream name twice. Give each stream its own name'),
);

const transcoded = v.pipe(
  text,
  v.rawTransform<string, { readonly name: string; readonly ladder: readonly LadderStep[] }>(
    ({ dataset, addIssue, NEVER }) => {
      const [name, sizes] = atEquals(dataset.value);
      const ladder = readLadder(sizes);
      if (STREAM_NAME.test(name) && ladder !== undefined) return { name, ladder };
      const all = Object.keys(LADDER).join(', ');
      addIssue({ message: `"${dataset.value}" is not valid. Write name=720p,480p, with sizes from ${all}` });
      return NEVER;
    },
  ),
);

/** A list of `name=sizes`. A config file may have an object from names to sizes instead. */
export const transcode = v.pipe(
  named('size'),
  v.array(transcoded),
  v.check((list) => haveOwnNames(list), 'uses a stream name twice. List all sizes of a stream in one value'),
);

/** A list of `name=value`, or an object from names to values. @param what names the value in messages */
function named(what: string) {
  return v.union(
    [
      v.array(v.string()),
      v.pipe(
        namedValues(v.string(), v.string()),
        v.transform((entries) => entries.map(([name, value]) => `${name}=${value}`)),
      ),
    ],
    `is neither a list of "name=${what}" nor an object from names to ${what}s`,
  );
}

function haveOwnNames(list: readonly { readonly name: string }[]): boolean {
  return new Set(list.map(({ name }) => name)).size === list.length;
}

function atEquals(value: string): [before: string, after: string] {
  const equals = value.indexOf('=');
  return [value.slice(0, Math.max(equals, 0)), value.slice(equals + 1)];
}

export const iceServers = v.pipe(
  v.array(v.string(), 'is not a list. Write ["stun:host:3478"]'),
  v.maxLength(8, 'has more than 8 servers. Browsers slow down with more than a few; keep the nearest'),
  v.array(
    v.pipe(
      v.string(),
      v.rawTransform(({ dataset, addIssue, NEVER }) => {
        const server = parseIceServer(dataset.value);
        if (typeof server !== 'string') return server;
        addIssue({ message: server });
        return NEVER;
      }),
    ),
  ),
);

export const streamNames = v.array(
  v.pipe(
    v.string(),
    v.regex(
      STREAM_NAME,
      (issue) => `${quoted(issue.input)} is not a stream name: letters, digits, - and _ (at most 64)`,
    ),
  ),
  'is not a list. Write ["name"]',
);

export interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

/** `9100`, `10.0.0.5:9100` or `[fd00::1]:9100`. */
export const hostAndPort = v.pipe(
  v.union([v.pipe(v.number(), v.transform(String)), v.string()], 'is not a port'),
  v.rawTransform<string, HostAndPort>(({ dataset, addIssue, NEVER }) => {
    const [, host, port] =
      /^(?:([A-Za-z0-9.-]+|\[[0-9a-fA-F:.]+\]):)?(\d{1,5})$/.exec(dataset.value.trim()) ?? [];
    const number = Number(port);
    if (port !== undefined && number <= 65_535)
      return { host: host?.replace(/^\[|\]$/g, '') ?? '127.0.0.1', port: number };
    addIssue({ message: `${quoted(dataset.value)} is not a port. Write 9100, or 10.0.0.5:9100` });
    return NEVER;
  }),
);

/** Hosts as URLs write them, each with a port or without. */
export const hosts = v.array(
  v.pipe(
    text,
    v.check(
      (host) => URL.canParse(`http://${host}/`) && new URL(`http://${host}/`).host === host.toLowerCase(),
      (issue) =>
        `${quoted(issue.input)} is not a host. Write storage.example, storage.example:8080 or [fd00::1]`,
    ),
    v.toLowerCase(),
  ),
  'is not a list. Write ["storage.example"]',
);

const proxyRanges = v.rawTransform<string[], ProxyTrust>(({ dataset, addIssue, NEVER }) => {
  try {
    return trustRanges(dataset.value);
  } catch {
    addIssue({
      message: `${quoted(dataset.value.join(','))} is neither a number of hops from 0 to 10 nor a list of addresses and ranges. Write 1, or 10.0.0.0/8,fd00::1`,
    });
    return NEVER;
  }
});

/** A number of hops, or addresses and CIDR ranges: a list, or text with commas. */
export const trustProxy = v.union(
  [
    v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(10)),
    v.pipe(
      v.string(),
      v.regex(/^\s*(?:\d|10)\s*$/),
      v.transform((text) => Number(text)),
    ),
    v.pipe(
      v.string(),
      v.transform((text) => text.split(',').map((range) => range.trim())),
      proxyRanges,
    ),
    v.pipe(v.array(v.string()), proxyRanges),
  ],
  (issue) =>
    `${quoted(issue.input)} is neither a number of hops from 0 to 10 nor a list of addresses and ranges. Write 1, or 10.0.0.0/8,fd00::1`,
);

/** Whether a stream is for everybody, or for viewers with a token. The name may contain `*`. */
export interface AccessOption {
  readonly name: string;
  readonly mode: 'public' | 'token';
}

const ACCESS_NAME = /^[A-Za-z0-9_*-]{1,64}$/;

const accessRule = v.pipe(
  text,
  v.rawTransform<string, AccessOption>(({ dataset, addIssue, NEVER }) => {
    const [name, mode] = atEquals(dataset.value);
    if (ACCESS_NAME.test(name) && (mode === 'public' || mode === 'token')) return { name, mode };
    addIssue({
      message: `"${dataset.value}" is not valid. Write name=token or name=public; * as name means all`,
    });
    return NEVER;
  }),
);

/** A list of `name=mode`. A config file may have an object from names to modes instead. */
export const access = v.pipe(
  named('mode'),
  v.array(accessRule),
  v.maxLength(
    2 * MAX_STREAMS,
    `has more than ${2 * MAX_STREAMS} entries. Use patterns such as studio-*=token`,
  ),
);

/** RFC 7518, 3.2: a key as long as the hash. Messages never contain it. */
export const tokenSecret = v.pipe(
  v.string('is not text'),
  v.regex(
    /^[\x21-\x7e]{32,1024}$/,
    'is not valid. Write 32 to 1024 printable ASCII characters without spaces, for example from: openssl rand -hex 32',
  ),
);

/** Messages never contain the token: they end up in logs. */
export const adminToken = v.pipe(
  v.string('is not text'),
  v.regex(/^[\x21-\x7e]{16,512}$/, 'is not valid. Write 16 to 512 printable ASCII characters without spaces'),
);

/** Sites as browsers name them in the header `Origin`. */
export const allowedOrigins = v.pipe(
  v.array(v.string(), 'is not a list. Write ["https://tv.example.org"]'),
  v.maxLength(100, 'has more than 100 sites'),
  v.array(
    v.pipe(
      v.string(),
      v.check(
        (site) => isHttpUrl(site) && new URL(site).origin === site,
        (issue) => `${quoted(issue.input)} is not a site. Write https://tv.example.org, without a path`,
      ),
    ),
  ),
);

/** The server's address as viewers see it, without a trailing slash. */
export const publicUrl = v.pipe(
  text,
  v.check(isHttpUrl, (issue) => `${quoted(issue.input)} is not an address. Write https://live.example.org`),
  v.transform((url) => url.replace(/(?<!\/)\/+$/, '')),
);

/** Normalised to `''` or `/one/or/more/components`: leading and trailing slashes are optional. */
export const basePath = v.pipe(
  v.string((issue) => `${quoted(issue.input)} is not a path`),
  v.transform((path) => path.replace(/^\/+|(?<!\/)\/+$/g, '')),
  v.regex(
    /^([A-Za-z0-9._~-]+(\/[A-Za-z0-9._~-]+)*)?$/,
    (issue) => `${quoted(issue.input)} is not a path. Write /freshet, in letters, digits, -, ., _ and ~`,
  ),
  v.check((path) => !path.split('/').some((part) => /^\.+$/.test(part)), 'has a component of dots only'),
  v.transform((path) => (path === '' ? '' : `/${path}`)),
);

function isHttpUrl(candidate: string): boolean {
  return URL.canParse(candidate) && /^https?:$/.test(new URL(candidate).protocol);
}

function quoted(value: unknown): string {
  return JSON.stringify(value);
}
