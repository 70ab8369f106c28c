import type { StreamName } from '@freshet/protocol';
import type { Config } from '../config/options.ts';

type AddressConfig = Pick<Config, 'host' | 'publicUrl' | 'basePath' | 'tlsCert'>;

/** Addresses that mean "every interface", which browsers cannot open. */
const EVERY_INTERFACE = ['0.0.0.0', '::', '[::]'];

/** This server's root URL for a viewer on this machine, without a trailing slash. */
export function localUrl(config: AddressConfig, port: number): string {
  const { host = '::', basePath, tlsCert } = config;
  const scheme = tlsCert === undefined ? 'http' : 'https';
  const name = EVERY_INTERFACE.includes(host) ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `${scheme}://${name}:${port}${basePath}`;
}

export interface Greeting {
  readonly config: AddressConfig & Pick<Config, 'iceServers' | 'p2p' | 'console' | 'ingestKeys'>;
  readonly port: number;
  readonly streams: Iterable<StreamName>;
  /** The console's token, if this start made it. */
  readonly madeToken?: string | undefined;
}

/** The text printed when the server is up: the addresses of each stream, and the tag that embeds it in a page. */
export function greeting({ config, port, streams, madeToken }: Greeting): string {
  const root = config.publicUrl ?? localUrl(config, port);
  const lines = [
    `Freshet is listening on ${config.host ?? 'all interfaces'}, port ${port}. Press Ctrl-C to stop.`,
    '',
  ];
  for (const stream of streams) {
    lines.push(
      `  ${stream}`,
      `    watch  ${root}/watch/${stream}`,
      `    HLS    ${root}/live/${stream}/index.m3u8`,
      `    embed  <script src="${root}/embed.js" data-stream="${stream}"></script>`,
    );
    // Without the key: the output ends up in logs.
    if (config.ingestKeys.some(({ name }) => name === stream))
      lines.push(`    push   ${root}/ingest/${stream}/ITS-KEY/index.m3u8 (HLS, by HTTP PUT)`);
    lines.push('');
  }
  if (config.console === 'on') {
    lines.push('  console', `    open   ${root}/console/`);
    if (madeToken !== undefined) lines.push(`    token  ${madeToken}   (shown only once; save it)`);
    lines.push('');
  }
  if (config.p2p !== 'off' && config.iceServers.length === 0)
    lines.push('Without --ice-server, only viewers on the same network can share.', '');
  return lines.join('\n');
}
