import { isIP } from 'node:net';

/** How a source is reached. `hls` is followed by this server itself, everything else is read through ffmpeg. */
export type SourceKind = 'hls' | 'http' | 'rtmp' | 'rtsp' | 'srt' | 'udp' | 'file';

const BY_SCHEME: Partial<Record<string, SourceKind>> = {
  ...{ http: 'hls', https: 'hls', rtmp: 'rtmp', rtmps: 'rtmp', rtsp: 'rtsp', rtsps: 'rtsp' },
  ...{ srt: 'srt', udp: 'udp', file: 'file' },
};
/** What goes on for ever under one address: a transport stream, a radio station. */
const CONTINUOUS = /\.(?:ts|m2ts|mpegts|aac|aacp|mp3|ogg|opus|flv)$/i;
const PLAYLIST = /\.m3u8?$/i;
const PRINTABLE = /^[\x21-\x7e\u00a0-\uffff]+$/;
/** libsrt's own bounds. */
const PASSPHRASE = { min: 10, max: 79 };

/** @param url from `checkedSource` */
export function sourceKind(url: string): SourceKind {
  const kind = BY_SCHEME[schemeOf(url)] ?? 'hls';
  return kind === 'hls' && CONTINUOUS.test(new URL(url).pathname) ? 'http' : kind;
}

/** Whether only its server can tell if this is HLS: its address has no extension that does. */
export function isAmbiguous(url: string): boolean {
  return sourceKind(url) === 'hls' && !PLAYLIST.test(new URL(url).pathname);
}

/** Whether it waits for somebody to connect, instead of connecting to somebody. */
export function isListener(url: string): boolean {
  return schemeOf(url) === 'srt' && new URL(url).searchParams.get('mode') === 'listener';
}

/**
 * A source's address as ffmpeg or our own client takes it. A listener without a host gets this machine's own address.
 * @param files whether one of this machine's may be read: only who starts the server may say so
 * @returns what is wrong with it, as the end of a sentence that begins with the address
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
  if (BY_SCHEME[scheme] === undefined || !PRINTABLE.test(url) || !URL.canParse(url) || hostOf(url) === '')
    return { problem: `is not the address of a source (${Object.keys(BY_SCHEME).join(', ')})` };
  const problem = scheme === 'srt' ? srtProblem(url) : undefined;
  if (problem !== undefined) return { problem };
  if ((scheme === 'udp' || scheme === 'srt') && new URL(url).port === '') return { problem: 'has no port' };
  return { url };
}

/** Where a source is, for logs: without user, password, stream key and query. */
export function shownSource(url: string): string {
  if (schemeOf(url) === 'file') return url;
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}/…`;
}

/** Whoever reaches a listener can put a programme on the air. */
function srtProblem(url: string): string | undefined {
  const passphrase = new URL(url).searchParams.get('passphrase');
  if (passphrase !== null && (passphrase.length < PASSPHRASE.min || passphrase.length > PASSPHRASE.max))
    return `has a passphrase of ${passphrase.length} characters; SRT requires ${PASSPHRASE.min} to ${PASSPHRASE.max}`;
  if (!isListener(url) || passphrase !== null) return undefined;
  const host = hostOf(url);
  const isLoopback = host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
  return isLoopback
    ? undefined
    : `lets anyone who can reach this machine send. Add &passphrase=… of ${PASSPHRASE.min} to ${PASSPHRASE.max} characters`;
}

function schemeOf(url: string): string {
  return /^([a-z]+):/i.exec(url)?.[1]?.toLowerCase() ?? '';
}

function hostOf(url: string): string {
  return new URL(url).hostname.replace(/^\[|\]$/g, '');
}
