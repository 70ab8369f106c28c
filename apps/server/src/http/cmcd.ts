import type { IncomingHttpHeaders } from 'node:http';
import type { StreamName } from '@freshet/protocol';
import type { RequestHandler } from 'express';
import type { CmcdReport, CmcdSender } from '../metrics/metrics.ts';

/** No player sends longer CMCD. Longer text is malformed. */
const MAX_CHARACTERS = 2048;
const HEADERS = ['cmcd-request', 'cmcd-object', 'cmcd-status', 'cmcd-session'] as const;
/** Larger figures are no player's: an hour of media, 10 Gbit/s. */
const MAX_BUFFER_MS = 3_600_000;
const MAX_KBPS = 10_000_000;
/** Longer session ids are malformed: CTA-5004 recommends a UUID. */
const MAX_SESSION = 64;
const PAIR = /^([A-Za-z][\w.-]*)(?:=("(?:[^"\\]|\\.)*"|[\w.+-]+))?$/;

export interface CmcdMetrics {
  countCmcd(stream: StreamName, report: CmcdReport | 'malformed', sender: CmcdSender): void;
}

/**
 * Counts the CMCD that players send with a request, in the query or in headers. Never refuses the request.
 * @param networkOf the network of an address
 */
export function cmcd(
  hasStream: (name: StreamName) => boolean,
  networkOf: (address: string) => string,
  metrics: CmcdMetrics,
): RequestHandler {
  return (request, _response, next) => {
    const text = cmcdText(request.url, request.headers);
    const stream = request.path.split('/', 2)[1] ?? '';
    if (text !== undefined && hasStream(stream)) {
      const report = readCmcd(text);
      const sender = { network: networkOf(request.ip ?? ''), session: report?.session ?? '' };
      metrics.countCmcd(stream, report ?? 'malformed', sender);
    }
    next();
  };
}

/** @returns the CMCD of the query, else of the headers; undefined if there is none */
export function cmcdText(url: string, headers: IncomingHttpHeaders): string | undefined {
  const query = /[?&]CMCD=([^&]*)/.exec(url)?.[1];
  if (query !== undefined) return decoded(query);
  const parts = HEADERS.map((name) => headers[name]).filter(
    (value) => typeof value === 'string' && value !== '',
  );
  return parts.length === 0 ? undefined : parts.join(',');
}

/** @returns undefined if the text is not CMCD, or is too long */
export function readCmcd(text: string): (CmcdReport & { readonly session: string }) | undefined {
  if (text.length > MAX_CHARACTERS) return undefined;
  const pairs = new Map<string, string>();
  // A comma within quotes separates nothing.
  for (const part of text.match(/(?:"(?:[^"\\]|\\.)*"|[^,"])+/g) ?? []) {
    const [, key, value = 'true'] = PAIR.exec(part.trim()) ?? [];
    if (key === undefined) return undefined;
    pairs.set(key, value);
  }
  if (pairs.size === 0) return undefined;
  const number = (key: string, most: number) => {
    const value = Number(pairs.get(key));
    return value >= 0 && value <= most ? value : undefined;
  };
  const session = pairs.get('sid') ?? '';
  if (session.length > MAX_SESSION + 2) return undefined;
  return {
    starved: pairs.get('bs') === 'true',
    startup: pairs.get('su') === 'true',
    bufferMs: number('bl', MAX_BUFFER_MS),
    throughputKbps: number('mtp', MAX_KBPS),
    session,
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
