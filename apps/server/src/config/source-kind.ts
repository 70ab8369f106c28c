import { isIP } from 'node:net';

/** How a source is reached. This server follows `hls` itself, and reads everything else through ffmpeg. */
export type SourceKind = 'hls' | 'http' | 'rtmp' | 'rtsp' | 'srt' | 'udp' | 'file';

const BY_SCHEME: Partial<Record<string, SourceKind>> = {
  ...{ http: 'hls', https: 'hls', rtmp: 'rtmp', rtmps: 'rtmp', rtsp: 'rtsp', rtsps: 'rtsp' },
  ...{ srt: 'srt', udp: 'udp', file: 'file' },
};
/** Endless responses under one address: transport streams and radio stations. */
const CONTINUOUS = /\.(?:ts|m2ts|mpegts|aac|aacp|mp3|ogg|opus|flv)$/i;
const PLAYLIST = /\.m3u8?$/i;
const PRINTABLE = /^[\x21-\x7e\u00a0-\uffff]+$/;
/** libsrt's own limits, in characters. */
const PASSPHRASE = { min: 10, max: 79 };

/** @param url from `checkedSource` */
export function sourceKind(url: string): SourceKind {
  const kind = BY_SCHEME[schemeOf(url)] ?? 'hls';
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
  if (BY_SCHEME[scheme] === undefined || !PRINTABLE.test(url) || !URL.canParse(url) || hostOf(url) === '')
    return { problem: `is not the address of a source (${Object.keys(BY_SCHEME).join(', ')})` };
  const problem = scheme === 'srt' ? srtProblem(url) : undefined;
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

/** Anyone who can reach a listener without a passphrase can broadcast. */
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
