import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { ConfigError } from '../config/config-error.ts';
import type { Config } from '../config/options.ts';
import { CONNECTIONS_PER_VIEWER } from '../guard/budgets.ts';

export type WebServer = HttpServer | HttpsServer;

/** The server could not start although its settings are valid. The message is one line that says what to do. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

/**
 * Creates a server that does not listen yet and has no handler yet.
 * @throws ConfigError when the certificate or the key cannot be used
 */
export function openWebServer(config: Pick<Config, 'tlsCert' | 'tlsKey' | 'maxViewers'>): WebServer {
  const options = {
    // A client that sends its request more slowly only occupies a connection.
    headersTimeout: 15_000,
    requestTimeout: 30_000,
    // Longer than the pause between two segments, and longer than the 60 s after which proxies close their side.
    keepAliveTimeout: 65_000,
  };
  const server =
    config.tlsCert === undefined || config.tlsKey === undefined
      ? createHttpServer(options)
      : openTls(options, config.tlsCert, config.tlsKey);
  // The rest are closed at once.
  server.maxConnections = config.maxViewers * CONNECTIONS_PER_VIEWER;
  return server;
}

function openTls(options: object, certFile: string, keyFile: string): HttpsServer {
  const cert = readPem('--tls-cert', certFile);
  const key = readPem('--tls-key', keyFile);
  try {
    return createHttpsServer({ ...options, cert, key, minVersion: 'TLSv1.2' });
  } catch (error) {
    throw new ConfigError(
      `--tls-cert ${certFile} and --tls-key ${keyFile} cannot be used: ${messageOf(error)}. Provide a PEM certificate chain and its private key without a passphrase`,
    );
  }
}

function readPem(flag: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new ConfigError(`${flag} ${file} cannot be read: ${messageOf(error)}`);
  }
}

/** @returns the port; for port 0, the operating system's choice. @throws StartError when it cannot listen */
export async function listen(
  server: WebServer,
  { host, port }: Pick<Config, 'host' | 'port'>,
): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException) => {
      reject(new StartError(explain(error, host, port)));
    };
    server.once('error', failed);
    server.listen({ port, ...(host !== undefined && { host }) }, () => {
      server.off('error', failed);
      resolve();
    });
  });
  // The address of a listening TCP server is never a string or null.
  return (server.address() as AddressInfo).port;
}

function explain(error: NodeJS.ErrnoException, host: string | undefined, port: number): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return `Port ${port} is in use. Stop the program that uses it, or choose another port with --port`;
    case 'EACCES':
      return `This user may not open port ${port}. Choose a port above 1023 with --port, or put a proxy in front`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `This machine has no address ${host ?? ''}. Omit --host to listen on all of its addresses`;
    default:
      return `Cannot listen on port ${port}: ${error.message}`;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
