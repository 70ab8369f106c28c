import { isIP } from 'node:net';

/** How a source is reached. This server follows `hls` itself, and reads everything else through ffmpeg. */
export type SourceKind = 'hls' | 'http' | 'rtmp' | 'rtsp' | 'srt' | 'udp' | 'file';

/** A map, because an object also has names such as `constructor`. */
const BY_SCHEME: ReadonlyMap<string, SourceKind> = new Map(
  Object.entries({
    ...({ http: 'hls', https: 'hls', rtmp: 'rtmp', rtmps: 'rtmp', rtsp: 'rtsp', rtsps: 'rtsp' } as const),
    ...({ srt: 'srt', udp: 'udp', file: 'file' } as const),
  }),
);
/** Endless responses under one address: transport streams and radio stations. */
const CONTINUOUS = /\.(?:ts|m2ts|mpegts|aac|aacp|mp3|ogg|opus|flv)$/i;
const PLAYLIST = /\.m3u8?$/i;
const PRINTABLE = /^[\x21-\x7e\u00a0-\uffff]+$/;
/** libsrt's own limits, in characters. */
const PASSPHRASE = { min: 10, max: 79 };

/** @param url from `checkedSource` */
export function sourceKind(url: string): SourceKind {
  const kind = BY_SCHEME.get(schemeOf(url)) ?? 'hls';
  return kind === 'hls' && CONTINUOUS.test(new URL(url).pathname) ? 'http' : kind;
}

/** Whether the extension does not tell if this is HLS, so that only the server's response can. */
export function isAmbiguous(url: string): boolean {
  return sourceKind(url) === 'hls' && !PLAYLIST.test(new URL(url).pathname);
}

/** Whether ffmpeg waits for a connection to this address instead of opening one. */
export function isListener(url: string): boolean {
  return schemeOf(url) === 'srt' && new URL(url).searchParams.get('mode') === 'listener';
}

/**
 * Checks a source's address and returns it as ffmpeg or our own client expects it. An srt or udp address without a host
 * gets the loopback address.
 * @param files whether the source may be a file on this machine: only the operator who starts the server may name one
 * @returns `problem`: the end of a sentence that begins with the address
 */
export function checkedSource(
  text: string,
  files: boolean,
): { readonly url: string } | { readonly problem: string } {
  const url = /^(?:srt|udp):/.test(text) ? text.replace(/^(\w+:\/\/)@?:/, '$1127.0.0.1:') : text;
  const scheme = schemeOf(url);
  if (!files && scheme === 'file')
    return { problem: 'is a file on the server, which only the command line may name' };
  if (scheme === 'file') return url.length > 'file:'.length ? { url } : { problem: 'has no file path' };
  if (!BY_SCHEME.has(scheme) || !PRINTABLE.test(url) || !URL.canParse(url) || hostOf(url) === '')
    return { problem: `is not the address of a source (${[...BY_SCHEME.keys()].join(', ')})` };
  const problem = scheme === 'srt' ? srtProblem(url) : scheme === 'udp' ? udpProblem(url) : undefined;
  if (problem !== undefined) return { problem };
  if ((scheme === 'udp' || scheme === 'srt') && new URL(url).port === '') return { problem: 'has no port' };
  return { url };
}

/** A source's address for logs, without user, password, stream key and query. */
export function shownSource(url: string): string {
  if (schemeOf(url) === 'file') return url;
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}/…`;
}

/** Anyone who can reach a listener, or a rendezvous, without a passphrase can broadcast. */
function srtProblem(url: string): string | undefined {
  const { searchParams } = new URL(url);
  const passphrase = searchParams.get('passphrase');
  if (passphrase !== null && (passphrase.length < PASSPHRASE.min || passphrase.length > PASSPHRASE.max))
    return `has a passphrase of ${passphrase.length} characters; SRT requires ${PASSPHRASE.min} to ${PASSPHRASE.max}`;
  const accepts = isListener(url) || searchParams.get('mode') === 'rendezvous';
  if (!accepts || passphrase !== null || isLoopback(hostOf(url))) return undefined;
  return `lets anyone who can reach this machine send. Add &passphrase=… of ${PASSPHRASE.min} to ${PASSPHRASE.max} characters`;
}

/** UDP has no passphrase: only the address that it is bound to limits who can send. */
function udpProblem(url: string): string | undefined {
  const bound = new URL(url).searchParams.get('localaddr');
  if (!isEveryInterface(hostOf(url)) && (bound === null || !isEveryInterface(bound))) return undefined;
  return 'lets anyone who can reach this machine send. Name the address of one interface in a network that you trust';
}

/**
 * The address for ffmpeg, which would receive on every interface, whatever the host: it is bound to the host, unless
 * that is a multicast group.
 * @param url a udp address from `checkedSource`
 */
export function boundUdp(url: string): string {
  const host = hostOf(url);
  const { search, searchParams } = new URL(url);
  if (isMulticast(host) || searchParams.has('localaddr')) return url;
  return `${url}${search === '' ? (url.includes('?') ? '' : '?') : '&'}localaddr=${host}`;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

function isEveryInterface(host: string): boolean {
  return host === '::' || canonical(host) === '0.0.0.0' || canonical(host) === '[::]';
}

function isMulticast(host: string): boolean {
  const [, first = ''] = /^(\d+)\./.exec(host) ?? [];
  return (Number(first) >= 224 && Number(first) <= 239) || (isIP(host) === 6 && /^ff/i.test(host));
}

/** The host as http URLs write it: `0` and `0x0` are 0.0.0.0 to a resolver. */
function canonical(host: string): string {
  const url = `http://${host.includes(':') ? `[${host}]` : host}/`;
  return URL.canParse(url) ? new URL(url).hostname : host;
}

function schemeOf(url: string): string {
  return /^([a-z]+):/i.exec(url)?.[1]?.toLowerCase() ?? '';
}

function hostOf(url: string): string {
  return new URL(url).hostname.replace(/^\[|\]$/g, '');
}
