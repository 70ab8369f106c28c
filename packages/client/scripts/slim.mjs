/**
 * A plugin for Vite: it reduces simple-peer and engine.io-client in bundles of the client to what the client uses.
 * Without it bundles contain a stream library, a polyfill of Buffer, a logger and unused transports, 25 kB gzip in all
 * (docs/decisions/0004). The packed client has been through it, so builds that use the packed client need no plugin.
 */
import { slimSignalling } from './slim-signalling.mjs';
import { slimSimplePeer } from './slim-simple-peer.mjs';
import { slimValibot } from './slim-valibot.mjs';

// For their tests: slim.d.mts declares all of it.
export * from './slim-signalling.mjs';
export * from './slim-simple-peer.mjs';
export * from './slim-valibot.mjs';

/** A page that could not open a WebSocket stays with long-polling, which is therefore never paused for an upgrade. */
export const ENGINE_METHODS = ['_probe'];
export const POLLING_METHODS = ['pause'];
/** Resending of unacknowledged messages, and listeners to all events: both are unused. */
export const SOCKET_METHODS = [
  ...[
    'ack',
    'compress',
    'listenersAny',
    'listenersAnyOutgoing',
    'send',
    'notifyOutgoingListeners',
    'emitWithAck',
    '_addToQueue',
    '_drainQueue',
    'onAny',
    'prependAny',
    'offAny',
  ],
  ...['onAnyOutgoing', 'prependAnyOutgoing', 'offAnyOutgoing'],
];

/** @returns {import('vite').Plugin} */
export function slim() {
  return {
    name: 'freshet-slim',
    transform(code, id) {
      if (id.endsWith('/simple-peer/index.js')) return { code: slimSimplePeer(code), map: null };
      if (/\/valibot\/dist\/index\.m?js$/.test(id)) return { code: slimValibot(code), map: null };
      const [, folder, file] =
        /\/((?:socket|engine)\.io-(?:client|parser))\/build\/esm\/(.+)\.js$/.exec(id) ?? [];
      if (file === undefined) return undefined;
      const name = `${folder}/${file}`;
      const slimmed = slimSignalling(name, SLIMMED[name]?.(code) ?? code);
      // Their packages do not declare that unused code may be left out.
      return { code: slimmed, map: null, moduleSideEffects: false };
    },
  };
}

const SLIMMED = {
  'engine.io-client/socket': (code) => slimStart(slimChoice(slimEnd(emptied(code, ENGINE_METHODS)))),
  'engine.io-client/util': slimUtil,
  'socket.io-client/socket': (code) => slimEvents(curt(emptied(code, SOCKET_METHODS))),
  'socket.io-client/manager': (code) => ownParser(withoutUnref(code)),
  'engine.io-client/transports/index': slimTransports,
  'engine.io-client/transports/polling': (code) => emptied(code, POLLING_METHODS),
  'engine.io-client/transports/polling-fetch': slimPolling,
  'engine.io-client/transports/websocket': slimWebSocket,
  'engine.io-parser/contrib/base64-arraybuffer': slimBase64,
  'socket.io-parser/index': slimParser,
  'engine.io-client/contrib/parseuri': slimParseUri,
};

/** Empties methods, which can still be called and then do nothing. @throws Error when one of them is missing. */
export function emptied(code, names) {
  return names.reduce((rest, name) => {
    const method = new RegExp(`^( {4}${name}\\(.*\\) \\{\\n)(?:(?! {4}\\}$).*\\n)+`, 'm');
    if (!method.test(rest)) throw new Error(`another socket.io-client than 4.8: it has no ${name}`);
    return rest.replace(method, '$1');
  }, code);
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

/** Shortens the message about an older server. */
export function curt(code) {
  return replaced(code, /"It seems you are trying to reach .*?"/, '"Socket.IO 2.x"');
}

/** A page's WebSocket takes no options. */
export function slimWebSocket(code) {
  return replaced(code, /const opts = isReactNative\s+\? \{\}\s+: pick\([^)]*\);/, 'const opts = {};');
}

/**
 * Removes Node's options, the choice of the transport that worked best before, and the overloads for messages without
 * data.
 */
export function slimStart(code) {
  const parts = [
    /^ +(?:agent|rememberUpgrade|rejectUnauthorized|closeOnBeforeunload): (?:true|false),\n/gm,
    /^ +perMessageDeflate: \{[^}]*\},\n/m,
    /this\.opts\.rememberUpgrade &&(?:.*\n)*?.*(?=this\.transports\[0\];)/,
    /^ +Socket\.priorWebsocketSuccess = .*\n/gm,
    /if \("function" === typeof data\) \{[^}]*\}\s+if \("function" === typeof options\) \{[^}]*\}/,
  ];
  return parts.reduce((rest, part) => replaced(rest, part, ''), code);
}

/** Removes the listeners to all events, and resending. */
export function slimEvents(code) {
  const parts = [
    /if \(this\._anyListeners && this\._anyListeners\.length\) \{\s+const listeners = this\._anyListeners\.slice\(\);(?:.*\n)*?( {8})\}\n(?= *super\.emit)/,
    /if \(this\._opts\.retries && [^{]*\{[^}]*\}/,
  ];
  return parts.reduce((rest, part) => replaced(rest, part, ''), code);
}

/** The client always brings its own parser. */
export function ownParser(code) {
  return replaced(code, /opts\.parser \|\| parser/, 'opts.parser');
}

/** Removes the check of outgoing packets and the encoding of binary, which a viewer never sends to the tracker. */
export function slimParser(code) {
  const unasked = replaced(code, /^export function isPacketValid\(packet\) \{\n(?:.*\n)*?\}\n?/m, '');
  const plain = replaced(
    unasked,
    /^ {8}if \(obj\.type === PacketType\.EVENT \|\| obj\.type === PacketType\.ACK\) \{\n {12}if \(hasBinary(?:.*\n)*?^ {8}\}\n/m,
    '',
  );
  const textOnly = replaced(
    plain,
    /if \(obj\.type === PacketType\.BINARY_EVENT \|\|\s+obj\.type === PacketType\.BINARY_ACK\) \{[^}]*\}/,
    '',
  );
  return emptied(textOnly, ['encodeAsBinary']);
}

/** Removes the handling of cookies, which the browser does itself. */
export function slimPolling(code) {
  return replaced(code, /^.*\(_a = this\.socket\._cookieJar\).*\n/gm, '');
}

/** Transports are chosen by name only. */
export function slimChoice(code) {
  const named = replaced(code, /if \(opts\.transportImplementations && opts\.transports\) \{[^}]*\}/, '');
  return replaced(named, /if \(opts\.transportImplementations \|\|(?:.*\n)*?( *)\}\n *else \{/, '{');
}

/** A connection that is never upgraded closes at once. Only the browser reports the end of the page. */
export function slimEnd(code) {
  const parts = [
    /if \(this\.opts\.closeOnBeforeunload\) \{(?:.*\n)*?( *)\}\n(?= *if \(this\.hostname)/,
    /if \(this\._beforeunloadEventListener\) \{[^}]*\}/,
    /const cleanupAndClose = (?:.*\n)*?(?= *if \("opening")/,
    /if \(this\.upgrading\) \{[^}]*\}\s*else \{\s*close\(\);\s*\}(?=\s*\}\);)/,
    /else if \(this\.upgrading\) \{[^}]*\}/,
    /for \(let i = 0; i < this\._upgrades\.length; i\+\+\) \{[^}]*\}/,
    /this\._upgrades = this\._filterUpgrades\(data\.upgrades\);/,
  ];
  const by = ['', '', '', 'close();', '', '', ''];
  return withoutUnref(
    emptied(
      parts.reduce((rest, part, i) => replaced(rest, part, by[i]), code),
      ['_filterUpgrades'],
    ),
  );
}

/** Removes the option that lets a Node process end. */
export function withoutUnref(code) {
  return replaced(code, /if \(this\.opts\.autoUnref\) \{[^}]*\}/g, '');
}

/** A page has `Blob` to measure a text with, and its own timers. */
export function slimUtil(code) {
  const blob = replaced(
    code,
    /function utf8Length\(str\) \{\n(?:.*\n)*?\}\n/,
    'function utf8Length(str) {\n    return new Blob([str]).size;\n}\n',
  );
  return replaced(blob, /if \(opts\.useNativeTimers\) \{[^}]*\}\s*else /, '');
}

/** Decodes the binary that long-polling carries as text. */
export function slimBase64(code) {
  replaced(code, /export const decode = \(base64\) => \{/, '');
  return 'export const decode = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer;';
}

function replaced(code, part, by) {
  if (!part.test(code)) throw new Error(`another socket.io-client than 4.8: nothing in it is ${part.source}`);
  return code.replace(part, by);
}

/** The address of the server was made by `URL`, which can therefore parse it. */
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
