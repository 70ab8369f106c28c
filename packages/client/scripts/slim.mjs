/**
 * A plugin for Vite: bundles of the client carry of simple-peer and engine.io-client what the client uses. Without it
 * they carry a stream library, a polyfill of Buffer, a logger and transports that are never asked for, 25 kB gzip of
 * them (docs/decisions/0004). The packed client went through it; who builds with that needs no plugin.
 */
import { fileURLToPath } from 'node:url';

const SHIMS = fileURLToPath(new URL('../src/simple-peer-shims.ts', import.meta.url));

/** What simple-peer 9.11 requires, by the names that it gives it. All but the microtask, which is the page's own, is shimmed. */
const SHIMMED = ['debug', 'getBrowserRTC', 'randombytes', 'stream', 'errCode', '{ Buffer }'];
const NATIVE = ['queueMicrotask'];

const REQUIRE = /^const (.+) = require\('.+'\)(?:\('simple-peer'\))?(?: \/\/.*)?$/gm;
const DEBUG_CALL = /^ *this\._debug\((?:[^()]|\([^()]*\))*\)\n/gm;
const EXPORT = /^module\.exports = Peer$/m;

/** @returns {import('vite').Plugin} */
export function slim() {
  return {
    name: 'freshet-slim',
    transform(code, id) {
      if (id.endsWith('/simple-peer/index.js')) return { code: slimSimplePeer(code), map: null };
      const [, folder, file] = /\/((?:socket|engine)\.io-client)\/build\/esm\/(.+)\.js$/.exec(id) ?? [];
      if (file === undefined) return undefined;
      const slimmed = SLIMMED[`${folder}/${file}`]?.(code) ?? code;
      // Their packages do not say that what nothing uses may be left out.
      return { code: slimmed, map: null, moduleSideEffects: false };
    },
  };
}

const SLIMMED = {
  'engine.io-client/transports/index': slimTransports,
  'engine.io-client/contrib/parseuri': slimParseUri,
};

/**
 * simple-peer as an ES module upon `simple-peer-shims.ts`, without the messages of its logger.
 * @throws Error when it is not the simple-peer that is known here.
 */
export function slimSimplePeer(code) {
  const names = [...code.matchAll(REQUIRE)].map((match) => match[1]);
  if (names.toSorted().join() !== [...SHIMMED, ...NATIVE].toSorted().join() || !EXPORT.test(code))
    throw new Error(`another simple-peer than 9.11: it requires ${names.join(', ')}`);
  const imports = SHIMMED.map((name) => name.replace(/[{ }]/g, '')).join(', ');
  const body = code.replace(REQUIRE, '').replace(DEBUG_CALL, '').replace(EXPORT, 'export default Peer');
  return `import { ${imports} } from ${JSON.stringify(SHIMS)};\n${body}`;
}

/** WebSocket, and long-polling with `fetch` where that is blocked. */
export function slimTransports(code) {
  for (const name of ['websocket', 'webtransport', 'polling'])
    if (!code.includes(`    ${name}: `)) throw new Error(`engine.io-client has no transport ${name}`);
  return `import { Fetch } from './polling-fetch.js';
import { WS } from './websocket.js';
export const transports = { websocket: WS, polling: Fetch };
`;
}

/** The address of the server is one that `URL` made. */
export function slimParseUri(code) {
  if (!code.includes('export function parse(str) {'))
    throw new Error('another parseuri than that of engine.io-client 6.6');
  return `export function parse(uri) {
  const { protocol, hostname, port, search } = new URL(uri);
  return {
    protocol: protocol.slice(0, -1),
    host: hostname.replace(/^\\[|\\]$/g, ''),
    port,
    query: search.slice(1),
  };
}
`;
}
