import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  emptied,
  ENGINE_METHODS,
  POLLING_METHODS,
  curt,
  slimBase64,
  slimChoice,
  ownParser,
  slimEvents,
  slimStart,
  slimParser,
  slimEnd,
  slimPolling,
  slimUtil,
  slimWebSocket,
  SOCKET_METHODS,
  slimParseUri,
  slimTransports,
  withoutUnref,
} from '../scripts/slim.mjs';

const require = createRequire(import.meta.url);
const engine = dirname(
  createRequire(require.resolve('socket.io-client')).resolve('engine.io-client/package.json'),
);

/** Reads a file of a package on which socket.io-client or engine.io-client depends. */
async function readParser(name: string, file: string): Promise<string> {
  const from = createRequire(join(name === 'socket.io-parser' ? dirname(socketIo) : engine, 'package.json'));
  return readFile(join(dirname(from.resolve(name)), '../esm', file), 'utf8');
}

const socketIo = join(dirname(require.resolve('socket.io-client/package.json')), 'build/esm/socket.js');

describe('engine.io-client', () => {
  const read = (file: string) => readFile(join(engine, 'build/esm', file), 'utf8');

  test('has the two transports that are used', async () => {
    const slimmed = slimTransports(await read('transports/index.js'));
    expect([...slimmed.matchAll(/from '\.\/(.+)\.js'/g)].map((match) => match[1])).toEqual([
      'polling-fetch',
      'websocket',
    ]);
    expect(() => slimTransports('export const transports = {};')).toThrow('no transport websocket');
  });

  test.each([
    ['engine.io-client', 'socket.js', ENGINE_METHODS],
    ['engine.io-client', 'transports/polling.js', POLLING_METHODS],
    ['socket.io-client', undefined, SOCKET_METHODS],
  ])('empties the unused methods of %s, and keeps all methods', async (_name, file, names) => {
    const code = await (file === undefined ? readFile(socketIo, 'utf8') : read(file));
    const methods = (text: string) => [...text.matchAll(/^ {4}(\w+)\(.*\{$/gm)].map((match) => match[1]);
    const slimmed = emptied(code, names);
    expect(methods(slimmed)).toEqual(methods(code));
    for (const name of names) expect(slimmed).toMatch(new RegExp(`^ {4}${name}\\(.*\\) \\{\\n {4}\\}$`, 'm'));
    expect(() => emptied('class Socket {}', names)).toThrow('another socket.io-client');
  });

  test.each([
    'http://host',
    'https://host:8443',
    'http://127.0.0.1:80/',
    'https://[::1]:8080',
    'wss://a.b/?c=d',
  ])('parses %s as its own parser does', async (address) => {
    const slimmed = await evaluate(slimParseUri(await read('contrib/parseuri.js')));
    const { protocol, host, port, query } = (await evaluate(await read('contrib/parseuri.js')))(address);
    // The protocol's default port may be left out: the caller adds it.
    const standard = { http: '80', https: '443' }[protocol ?? ''];
    expect(slimmed(address)).toEqual({ protocol, host, port: port === standard ? '' : port, query });
  });

  test('decodes binary text as its own decoder does', async () => {
    const own = await readParser('engine.io-parser', 'contrib/base64-arraybuffer.js');
    const load = async (code: string) =>
      (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as {
        decode: (text: string) => ArrayBuffer;
      };
    const [theirs, ours] = await Promise.all([load(own), load(slimBase64(own))]);
    for (const text of ['', 'AA==', 'AAE=', '//79/A8Q', btoa('what a neighbour sent')])
      expect(new Uint8Array(ours.decode(text)), text).toEqual(new Uint8Array(theirs.decode(text)));
  });

  test('removes unused code, and refuses unknown code', async () => {
    const slimmed = {
      WebSocket: slimWebSocket(await read('transports/websocket.js')),
      choice: slimChoice(await read('socket.js')),
      curt: curt(await readFile(socketIo, 'utf8')),
      parser: slimParser(await readParser('socket.io-parser', 'index.js')),
    };
    expect(slimmed.WebSocket).not.toContain('perMessageDeflate');
    expect(slimmed.choice).not.toContain('transportImplementations');
    expect(slimmed.choice).toMatch(/\{\s+this\.transports = opts\.transports\s/);
    expect(slimmed.curt).toContain('new Error("Socket.IO 2.x")');
    expect(slimPolling(await read('transports/polling-fetch.js'))).not.toContain('_cookieJar');
    expect(slimmed.parser).not.toMatch(/isPacketValid|hasBinary\(|deconstructPacket\(/);
    const engineSocket = await read('socket.js');
    expect(slimEnd(engineSocket)).not.toMatch(
      /closeOnBeforeunload\)|upgrading\) \{|waitForUpgrade|autoUnref/,
    );
    expect(slimEnd(engineSocket)).toMatch(/this\.once\("drain", \(\) => \{\s+close\(\);\s+\}\);/);
    const start = slimStart(engineSocket);
    expect(start).not.toMatch(
      /rememberUpgrade|perMessageDeflate|priorWebsocketSuccess = ("|false;\n {8}if \(this)/,
    );
    expect(start).toMatch(/const transportName = this\.transports\[0\];/);
    const events = slimEvents(await readFile(socketIo, 'utf8'));
    expect(events).toMatch(/emitEvent\(args\) \{\s+super\.emit\.apply\(this, args\);/);
    expect(events).not.toContain('this._opts.retries &&');
    expect(slimUtil(await read('util.js'))).not.toMatch(/charCodeAt|useNativeTimers/);
    for (const slim of [
      slimEnd,
      slimUtil,
      withoutUnref,
      slimWebSocket,
      slimPolling,
      slimChoice,
      curt,
      slimParser,
      ownParser,
      slimStart,
      slimEvents,
      slimBase64,
    ])
      expect(() => slim('export const nothing = 1;')).toThrow('another socket.io-client');
  });

  test('refuses another parser', () => {
    expect(() => slimParseUri('export const parse = 1;')).toThrow('another parseuri');
  });
});

type Parse = (uri: string) => Record<string, string | undefined>;

async function evaluate(code: string): Promise<Parse> {
  const module = (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as { parse: Parse };
  return module.parse;
}
