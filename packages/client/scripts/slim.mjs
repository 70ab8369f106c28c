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

/** The methods for audio, video and statistics, and what calls them: we have data channels only, and a neighbour cannot ask for more. */
export const MEDIA_METHODS = [
  'addTransceiver',
  'addStream',
  'addTrack',
  'replaceTrack',
  'removeTrack',
  'removeStream',
  '_requestMissingTransceivers',
  'getStats',
  '_onTrack',
];
const MEDIA = [
  ...MEDIA_METHODS.map((name) => block(`${name} \\(.*\\)`)),
  block('if \\(this\\.streams\\)'),
  block('this\\._pc\\.ontrack = event =>'),
  block('if \\(data\\.transceiverRequest && this\\.initiator\\)'),
  / && !data\.transceiverRequest/,
  /^ *if \(!this\.initiator\) this\._requestMissingTransceivers\(\)\n/m,
];

/** A page that could not have WebSocket stays with long-polling, which is therefore never paused for it. */
export const ENGINE_METHODS = ['_probe'];
export const POLLING_METHODS = ['pause'];
/** Sending again what was not acknowledged, and listeners to everything: not asked for. */
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
      const slimmed = SLIMMED[`${folder}/${file}`]?.(code) ?? code;
      // Their packages do not say that what nothing uses may be left out.
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

/**
 * simple-peer as an ES module upon `simple-peer-shims.ts`, without the messages of its logger and its audio and video.
 * @throws Error when it is not the simple-peer that is known here.
 */
export function slimSimplePeer(code) {
  const names = [...code.matchAll(REQUIRE)].map((match) => match[1]);
  if (names.toSorted().join() !== [...SHIMMED, ...NATIVE].toSorted().join() || !EXPORT.test(code))
    throw new Error(`another simple-peer than 9.11: it requires ${names.join(', ')}`);
  const body = readyAtOnce(withoutMedia(code))
    .replace(REQUIRE, '')
    .replace(DEBUG_CALL, '')
    .replace(EXPORT, 'export default Peer');
  const imports = SHIMMED.map((name) => name.replace(/[{ }]/g, '')).join(', ');
  return `import { ${imports} } from ${JSON.stringify(SHIMS)};\n${body}`;
}

/** @throws Error when something of it is not where it was in simple-peer 9.11. */
export function withoutMedia(code) {
  return MEDIA.reduce((rest, part) => {
    if (!part.test(rest)) throw new Error(`another simple-peer than 9.11: nothing in it is ${part.source}`);
    return rest.replace(part, '');
  }, code);
}

/**
 * An open channel is ready. simple-peer reads the addresses of both ends off the connection's statistics first, in three
 * browsers' ways: nobody asks for them. @throws Error as above.
 */
export function readyAtOnce(code) {
  const search = /^( {4})\/\/ HACK: We can't rely on order here(?:.*\n)+?(?= {8}if \(this\._chunk\))/m;
  const end = /^ {6}\}\)\n {4}\}\n {4}findCandidatePair\(\)\n/m;
  for (const part of [search, end])
    if (!part.test(code)) throw new Error(`another simple-peer than 9.11: nothing in it is ${part.source}`);
  return code.replace(search, '$1this._connecting = false\n$1this._connected = true\n').replace(end, '');
}

/** The methods are there for whoever calls them, and do nothing. @throws Error when one of them is missing. */
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

/** Of an older server it is enough to hear that it is one. */
export function curt(code) {
  return replaced(code, /"It seems you are trying to reach .*?"/, '"Socket.IO 2.x"');
}

/** A page's WebSocket takes no options. */
export function slimWebSocket(code) {
  return replaced(code, /const opts = isReactNative\s+\? \{\}\s+: pick\([^)]*\);/, 'const opts = {};');
}

/** Node's options; the transport that worked best before, which is not asked; and messages without data. */
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

/** Events go to their listeners, and are not sent again. */
export function slimEvents(code) {
  const parts = [
    /if \(this\._anyListeners && this\._anyListeners\.length\) \{\s+const listeners = this\._anyListeners\.slice\(\);(?:.*\n)*?( {8})\}\n(?= *super\.emit)/,
    /if \(this\._opts\.retries && [^{]*\{[^}]*\}/,
  ];
  return parts.reduce((rest, part) => replaced(rest, part, ''), code);
}

/** The parser is the one that the client brings. */
export function ownParser(code) {
  return replaced(code, /opts\.parser \|\| parser/, 'opts.parser');
}

/** Whether a packet of our own may be sent is not asked. What a viewer sends to the tracker is never binary. */
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

/** Cookies are the browser's own business. */
export function slimPolling(code) {
  return replaced(code, /^.*\(_a = this\.socket\._cookieJar\).*\n/gm, '');
}

/** Transports are chosen by name. */
export function slimChoice(code) {
  const named = replaced(code, /if \(opts\.transportImplementations && opts\.transports\) \{[^}]*\}/, '');
  return replaced(named, /if \(opts\.transportImplementations \|\|(?:.*\n)*?( *)\}\n *else \{/, '{');
}

/** A connection that is never upgraded ends at once, and the page's end is told by nobody but the browser. */
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

/** Node's way to let a process end. */
export function withoutUnref(code) {
  return replaced(code, /if \(this\.opts\.autoUnref\) \{[^}]*\}/g, '');
}

/** A page has `Blob` to measure a text with, and timers of its own. */
export function slimUtil(code) {
  const blob = replaced(
    code,
    /function utf8Length\(str\) \{\n(?:.*\n)*?\}\n/,
    'function utf8Length(str) {\n    return new Blob([str]).size;\n}\n',
  );
  return replaced(blob, /if \(opts\.useNativeTimers\) \{[^}]*\}\s*else /, '');
}

/** Whether a message is valid is asked, and where not; not in which words. @throws Error when it is not the valibot that is known. */
export function slimValibot(code) {
  const issue = /^function _addIssue\(context, label, dataset, config\$1, other\) \{\n(?:.*\n)*?\}\n/m;
  const standard = /^function _standardSchema\(schema\) \{\n(?:.*\n)*?\}\n/m;
  const words = /^\t+(?:reference|expects|async|message): .*,\n/gm;
  const path =
    /^(\t+)const pathItem = \{\n(?:\1\t.*\n)+\1\};\n\1for \(const issue of \w+\.issues\) \{\n(?:\1\t.*\n)+\1\}\n/gm;
  const told = /^(\t+)(_addIssue\(this, "\w+", dataset, config\$1), \{\n(?:\1\t.*\n)+\1\}\)/gm;
  const received = /(_addIssue\(this, "\w+", dataset, config\$1), \{ .* \}\);$/gm;
  const early = /^(\t+)if \(config\$1\.abortEarly\) (?:\{\n(?:\1\t.*\n)+\1\}|break;)\n/gm;
  const labelled = /_addIssue\(this, "\w+", dataset, config\$1/g;
  for (const part of [issue, standard, words, path, told, received, early, labelled])
    if (!part.test(code)) throw new Error(`another valibot than 1.5: nothing in it is ${part.source}`);
  return code
    .replace(
      issue,
      `function _addIssue(context, dataset) {
	if (context.kind === "schema") dataset.typed = false;
	dataset.issues ??= [0];
}
`,
    )
    .replace(standard, 'const _standardSchema = (schema) => schema;\n')
    .replace(words, '')
    .replace(path, '')
    .replace(told, '$1$2)')
    .replace(received, '$1);')
    .replace(early, '')
    .replace(labelled, '_addIssue(this, dataset');
}

/** What long-polling brings of binary. */
export function slimBase64(code) {
  replaced(code, /export const decode = \(base64\) => \{/, '');
  return 'export const decode = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer;';
}

function replaced(code, part, by) {
  if (!part.test(code)) throw new Error(`another socket.io-client than 4.8: nothing in it is ${part.source}`);
  return code.replace(part, by);
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

/** Lines from `head {` to the brace that closes it. */
function block(head) {
  return new RegExp(`^( *)${head} \\{\n(?:.*\n)*?\\1\\}\n`, 'm');
}
