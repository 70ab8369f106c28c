import { connect as connectTcp, type Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import type { Millis } from '@freshet/protocol';
import type { AddressGuard } from '../../source/fetch/address-guard.ts';
import { SourceFault } from '../../stream/source-fault.ts';

/** Limit of all header lines of SHOUTcast together. */
const MAX_HEAD = 16 * 1024;
const WAIT_MS: Millis = 10_000;
const HEAD_END = '\r\n\r\n';

/**
 * Opens a SHOUTcast 1 stream. Its server answers `ICY 200 OK` where HTTP requires a version, so no HTTP client can read
 * it. It never redirects, so only the configured host is contacted, at an address that the guard allows.
 * @throws SourceFault
 */
export async function openRadio(url: string, guard: AddressGuard, signal: AbortSignal): Promise<Readable> {
  const { hostname, port, pathname, search, protocol, username, password } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  const isTls = protocol === 'https:';
  const at = { host, port: Number(port || (isTls ? 443 : 80)), lookup: guard.lookup };
  const socket = isTls ? connectTls({ ...at, servername: host }) : connectTcp(at);
  // The reader of the body receives its errors; until it does, one would end the server.
  socket.on('error', () => undefined);
  socket.setTimeout(WAIT_MS, () => socket.destroy(new Error('the source stopped sending')));
  const abort = () => socket.destroy();
  signal.addEventListener('abort', abort);
  socket.once('close', () => {
    signal.removeEventListener('abort', abort);
  });
  if (signal.aborted) abort();
  const credentials = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`);
  const authorization = username === '' ? '' : `Authorization: Basic ${credentials.toString('base64')}\r\n`;
  socket.write(
    `GET ${pathname}${search} HTTP/1.0\r\nHost: ${hostname}\r\nUser-Agent: freshet\r\n${authorization}\r\n`,
  );
  try {
    const status = await readHead(socket);
    if (!/^ICY 200\b/.test(status))
      // Not what answered: that may be another service, whose greeting tells more than its status.
      throw new SourceFault('status', `the source is ${kindOf(status)}, not a radio station`);
    return socket;
  } catch (error) {
    socket.destroy();
    if (error instanceof SourceFault) throw error;
    throw new SourceFault('network', error instanceof Error ? error.message : String(error));
  }
}

/** What a status line shows of the service behind it, in words of our own. */
function kindOf(status: string): string {
  const [, code] = /^(?:HTTP\/1\.[01]|ICY) (\d{3})\b/.exec(status) ?? [];
  return code === undefined ? 'a service that does not speak HTTP' : `a server that returns status ${code}`;
}

/** @returns the first line. Bytes after the head are put back */
async function readHead(socket: Socket): Promise<string> {
  let head = Buffer.alloc(0);
  for await (const chunk of socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf(HEAD_END);
    if (end >= 0) {
      socket.unshift(head.subarray(end + HEAD_END.length));
      return head.toString('latin1', 0, head.indexOf('\r\n'));
    }
    if (head.length > MAX_HEAD) break;
  }
  throw new SourceFault('network', 'the response header of the source has no end');
}
