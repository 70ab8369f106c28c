import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import {
  emptied,
  ENGINE_METHODS,
  MEDIA_METHODS,
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
  slimValibot,
  slimWebSocket,
  SOCKET_METHODS,
  slimParseUri,
  slimSimplePeer,
  slimTransports,
  readyAtOnce,
  withoutMedia,
  withoutUnref,
} from '../scripts/slim.mjs';

const require = createRequire(import.meta.url);
const engine = dirname(
  createRequire(require.resolve('socket.io-client')).resolve('engine.io-client/package.json'),
);

/** Of a package that socket.io-client or engine.io-client brings. */
async function readParser(name: string, file: string): Promise<string> {
  const from = createRequire(join(name === 'socket.io-parser' ? dirname(socketIo) : engine, 'package.json'));
  return readFile(join(dirname(from.resolve(name)), '../esm', file), 'utf8');
}

const socketIo = join(dirname(require.resolve('socket.io-client/package.json')), 'build/esm/socket.js');

describe('simple-peer', () => {
  const source = readFile(require.resolve('simple-peer'), 'utf8');

  test('becomes an ES module upon the shims alone', async () => {
    const slimmed = slimSimplePeer(await source);
    expect(slimmed).not.toContain('require(');
    expect(slimmed).not.toContain('module.exports');
    expect(slimmed.match(/^import .*/gm)).toEqual([
      expect.stringMatching(/^import \{ .* \} from ".*simple-peer-shims\.ts";$/),
    ]);
    expect(slimmed).toContain('export default Peer');
  });

  test('loses what is for audio and video, and no other method', async () => {
    const methods = (code: string) => [...code.matchAll(/^ {2}(\w+) \(.*\{$/gm)].map((match) => match[1]);
    const slimmed = slimSimplePeer(await source);
    expect(slimmed).not.toMatch(
      /ontrack = event|transceiverRequest|this\.(?:streams\.|add\w|_requestMissing)/,
    );
    const kept = new Set(methods(slimmed));
    expect(methods(await source).filter((name) => !kept.has(name))).toEqual(MEDIA_METHODS);
  });

  test('loses the messages of its logger and nothing else', async () => {
    const before = readyAtOnce(withoutMedia(await source)).split('\n');
    const after = new Set(slimSimplePeer(await source).split('\n'));
    const lost = before.filter((line) => !after.has(line)).join('\n');
    expect(lost).toContain("this._debug('connect')");
    const calls = lost.replace(/^ *this\._debug\([\s\S]*?\)$(?!\n *[')])/gm, '');
    expect(
      calls.split('\n').filter((line) => line !== '' && !/require\(|module\.exports/.test(line)),
    ).toEqual([]);
  });

  test.each([
    ['requires more', (code: string) => `const more = require('more')\n${code}`],
    ['requires less', (code: string) => code.replace(/^const randombytes.*$/m, '')],
    ['has no tracks', (code: string) => code.replace('  _onTrack (event) {', '  onTrack (event) {')],
    ['is ready otherwise', (code: string) => code.replace('    findCandidatePair()\n', '')],
    ['exports otherwise', (code: string) => code.replace('module.exports = Peer', 'exports.Peer = Peer')],
  ])('another one that %s is refused', async (_what, change) => {
    const code = await source;
    expect(() => slimSimplePeer(change(code))).toThrow('another simple-peer');
  });
});

describe('engine.io-client', () => {
  const read = (file: string) => readFile(join(engine, 'build/esm', file), 'utf8');

  test('has the two transports that are asked for', async () => {
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
  ])('of %s the methods that are not asked for do nothing, and all are there', async (_name, file, names) => {
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
  ])('reads %s as its own parser does', async (address) => {
    const slimmed = await evaluate(slimParseUri(await read('contrib/parseuri.js')));
    const { protocol, host, port, query } = (await evaluate(await read('contrib/parseuri.js')))(address);
    // The port that the protocol has by itself may be left out: the caller adds it.
    const standard = { http: '80', https: '443' }[protocol ?? ''];
    expect(slimmed(address)).toEqual({ protocol, host, port: port === standard ? '' : port, query });
  });

  test('binary text is decoded as by its own decoder', async () => {
    const own = await readParser('engine.io-parser', 'contrib/base64-arraybuffer.js');
    const load = async (code: string) =>
      (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as {
        decode: (text: string) => ArrayBuffer;
      };
    const [theirs, ours] = await Promise.all([load(own), load(slimBase64(own))]);
    for (const text of ['', 'AA==', 'AAE=', '//79/A8Q', btoa('what a neighbour sent')])
      expect(new Uint8Array(ours.decode(text)), text).toEqual(new Uint8Array(theirs.decode(text)));
  });

  test('of what is not asked for, nothing is left, and what is unknown is refused', async () => {
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

  test('another parser is refused', () => {
    expect(() => slimParseUri('export const parse = 1;')).toThrow('another parseuri');
  });
});

type Parse = (uri: string) => Record<string, string | undefined>;

describe('valibot', () => {
  const source = () => readFile(fileURLToPath(import.meta.resolve('valibot')), 'utf8');

  test('judges as before, without words', async () => {
    const slimmed = (await import(
      `data:text/javascript,${encodeURIComponent(slimValibot(await source()))}`
    )) as typeof v;
    const judge = (from: typeof v, input: unknown) => {
      const short = from.pipe(from.string(), from.maxLength(3), from.regex(/^a/));
      const schema = from.object({
        list: from.pipe(from.array(short), from.maxLength(2)),
        one: from.optional(
          from.variant('kind', [
            from.object({
              kind: from.literal('n'),
              n: from.pipe(from.number(), from.integer(), from.minValue(1)),
            }),
            from.object({ kind: from.picklist(['s', 't']), s: from.nullish(from.string(), 'none') }),
          ]),
        ),
        both: from.optional(from.union([from.boolean(), from.pipe(from.string(), from.transform(Number))])),
      });
      const { success, output } = from.safeParse(schema, input);
      return success ? output : 'refused';
    };
    const inputs: unknown[] = [
      undefined,
      null,
      5,
      [],
      {},
      { list: [] },
      { list: ['abc'], more: 1 },
      { list: ['bcd'] },
      { list: ['abcd'] },
      { list: ['a', 'a', 'a'] },
      { list: 'a' },
      { list: [], one: { kind: 'n', n: 1 } },
      { list: [], one: { kind: 'n', n: 0 } },
      { list: [], one: { kind: 'n', n: 1.5 } },
      { list: [], one: { kind: 't' } },
      { list: [], one: { kind: 'u' } },
      { list: [], one: {} },
      { list: [5, 'abc'] },
      { list: [], one: { kind: 'n', n: 'x' } },
      { list: [], both: true },
      { list: [], both: '7' },
      { list: [], both: 7 },
    ];
    for (const input of inputs) expect(judge(slimmed, input), JSON.stringify(input)).toEqual(judge(v, input));
    expect(inputs.filter((input) => judge(v, input) === 'refused')).toHaveLength(16);
  });

  test('another version is refused', () => {
    expect(() => slimValibot('export function safeParse() {}')).toThrow('another valibot');
  });
});

async function evaluate(code: string): Promise<Parse> {
  const module = (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as { parse: Parse };
  return module.parse;
}
