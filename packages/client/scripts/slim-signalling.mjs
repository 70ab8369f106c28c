/**
 * What `slim.mjs` removes, beyond its own steps, from socket.io-client 4.8 and its dependencies: settings that
 * `tracker-link.ts` does not use, events without listeners, and substitutes for what old browsers lack.
 */

/** A whole line, with the spaces before it. */
const line = (text) => new RegExp(`^ *${text}\\n`, 'gm');
/** Lines from `head {` to the brace that closes it. */
const block = (head) => new RegExp(`^( *)${head} \\{\\n(?:.*\\n)*?\\1\\}\\n`, 'gm');
const told = (...events) => line(`this\\.emitReserved\\("(?:${events.join('|')})".*\\);`);

/** The page's own timers, in every place. */
const TIMERS = [/this\.(?:io\.)?(set|clear)TimeoutFn\(/g, '$1Timeout('];
const TIMERS_KEPT = [line('installTimerFunctions\\(this, opts\\);'), ''];
const TICK = [/, this\.setTimeoutFn\);/g, ');'];
/** Restores what was compiled for old browsers. */
const OPTIONAL = [
  /\((_[abc]) = ([^()]*(?:\([^()]*\)[^()]*)?)\) === null \|\| \1 === void 0 \? void 0 : \1\./g,
  '$2?.',
];

const PARTS = {
  'socket.io-client/manager': [
    TIMERS,
    TIMERS_KEPT,
    TICK,
    OPTIONAL,
    [block('if \\(uri && "object" === typeof uri\\)'), ''],
    [line('opts = opts \\|\\| \\{\\};'), ''],
    [line('opts\\.path = opts\\.path .*'), ''],
    // Settings are set once, except for the first delay.
    [/this\.reconnection\(opts(?:.*\n)+?(?= *this\.backoff = )/, ''],
    [
      /min: this\.reconnectionDelay\(\),\n *max: this\.reconnectionDelayMax\(\),\n *jitter: this\.randomizationFactor\(\)/,
      'min: opts.reconnectionDelay, max: opts.reconnectionDelayMax, jitter: opts.randomizationFactor',
    ],
    [/this\.timeout\(null == opts\.timeout \? 20000 : opts\.timeout\)/, 'this._timeout = 20000'],
    [
      block('(?:reconnection|reconnectionAttempts|randomizationFactor|reconnectionDelayMax|timeout)\\(v\\)'),
      '',
    ],
    [/( {4}reconnectionDelay\(v\) \{\n)(?:.*\n)*?( {4}\}\n)/, '$1        this.backoff.setMin(v);\n$2'],
    [/this\._reconnection &&\s*/g, ''],
    [/if \(this\.backoff\.attempts >= this\._reconnectionAttempts\) \{(?:.*\n)*?( *)\}\n *else \{/, '{'],
    [/if \(false !== this\._timeout\) \{/, '{'],
    // The client connects explicitly.
    [/^ *this\._autoConnect = .*\n *if \(this\._autoConnect\)\n.*\n/m, ''],
    [/ *else if \(this\._autoConnect && [^}]*\}\n/, ''],
    [block('(?:connect\\(fn\\)|disconnect\\(\\)|onping\\(\\))'), ''],
    [/on\(socket, "ping", this\.onping\.bind\(this\)\), /, ''],
    [told('reconnect', 'reconnect_error', 'reconnect_attempt'), ''],
    [line('const attempt = this\\.backoff\\.attempts;'), ''],
    [
      /(if \(self\.skipReconnect\)\n *return;\n)\s*\/\/ check again.*\n *if \(self\.skipReconnect\)\n *return;\n/,
      '$1',
    ],
  ],
  'socket.io-client/socket': [
    TIMERS,
    OPTIONAL,
    // After a break the client continues by joining under the same peer id.
    [/^ *this\.recovered = .*\n/gm, ''],
    [line('this\\._pid = pid;.*'), ''],
    [/data: this\._pid\n(?:.*\n)*?.*: data,/, 'data,'],
    [block('if \\(this\\._pid && args\\.length && .*\\)'), ''],
    [/this\.onconnect\(packet\.data\.sid, packet\.data\.pid\)/, 'this.onconnect(packet.data.sid)'],
    [/onconnect\(id, pid\)/, 'onconnect(id)'],
    // It does not authenticate before it joins, and does not resend unacknowledged messages.
    [block('if \\(opts && opts\\.auth\\)'), ''],
    [
      /if \(typeof this\.auth == "function"\) \{(?:.*\n)*?( *)\}\n *else \{\s*this\._sendConnectPacket\(this\.auth\);\s*\}/,
      'this._sendConnectPacket();',
    ],
    [line('this\\._queue = \\[\\];'), ''],
    [line('this\\._queueSeq = 0;'), ''],
    [line('this\\._drainQueue\\(true\\);'), ''],
    [line('this\\.notifyOutgoingListeners\\(packet\\);'), ''],
    [line('this\\._opts = .*'), ''],
    [/= \(_a = this\.flags\.timeout\).*this\._opts\.ackTimeout;/, '= this.flags.timeout;'],
    [/^ *if \(this\.io\._autoConnect\)\n.*\n/m, ''],
    [/^ *packet\.options = \{\};\n *packet\.options\.compress = .*\n/m, ''],
    [block('(?:open|close)\\(\\)'), ''],
    [block('get disconnected\\(\\)'), ''],
  ],
  'engine.io-client/socket': [
    TIMERS,
    TIMERS_KEPT,
    TICK,
    [line('this\\._upgrades = \\[\\];'), ''],
    [block('if \\(uri && "object" === typeof uri\\)'), ''],
    [/if \(uri\) \{((?:.*\n)*?) *\}\n *else if \(opts\.host\) \{[^}]*\}/, '$1'],
    [/this\.secure =\s+null != opts\.secure(?:.*\n)*?.*location\.protocol;/, 'this.secure = opts.secure;'],
    [/opts\.hostname \|\|\s+\(typeof location(?:.*\n)*?.*"localhost"\);/, 'opts.hostname;'],
    [/opts\.port \|\|\s+\(typeof location(?:.*\n)*?.*"80"\);/, 'opts.port;'],
    [/this\.transports = opts\.transports\n.*\n.*;/, 'this.transports = [...opts.transports];'],
    [/path: "\/engine\.io",\s*withCredentials: false,\s*upgrade: true,/, ''],
    [line('addTrailingSlash: true,'), ''],
    [line('transportOptions: \\{\\},'), ''],
    [/\(this\.opts\.addTrailingSlash \? "\/" : ""\)/, '"/"'],
    [/, this\.opts\.transportOptions\[name\]\)/, ')'],
    [block('if \\(typeof this\\.opts\\.query === "string"\\)'), ''],
    [/if \(this\.opts\.withCredentials\) \{[^}]*\}/, ''],
    [block('if \\(this\\.transports\\.length === 0\\)'), ''],
    [block('if \\("open" === this\\.readyState && this\\.opts\\.upgrade\\)'), ''],
    [/ && *\n? *!this\.upgrading/, ''],
    [told('packet', 'heartbeat', 'ping', 'pong', 'message', 'handshake', 'packetCreate', 'flush'), ''],
    [/^ *options = options \|\| \{\};\n *options\.compress = .*\n/m, ''],
    [/^ *if \(fn\)\n *this\.once\("flush", fn\);\n/m, ''],
    [
      /const packet = \{\n *type: type,\n *data: data,\n *options: options,\n *\};/,
      'const packet = { type, data };',
    ],
    [block('send\\(msg, options, fn\\)'), ''],
    [line('Socket\\.protocol = protocol;'), ''],
  ],
  'engine.io-client/util': [
    [
      /^export function installTimerFunctions\(obj, opts\) \{\n(?:.*\n)*?\}\n/m,
      'export function installTimerFunctions() {}\n',
    ],
    [/^const NATIVE_.*\n/gm, ''],
    [/return Math\.ceil\(.*BASE64_OVERHEAD\);/, ''],
    [/if \(typeof obj === "string"\) \{\s*(return utf8Length\(obj\);)\s*\}/, '$1'],
  ],
  'engine.io-client/globals': [
    [/nextTick = \(\(\) => \{\n(?:.*\n)*?\}\)\(\);/, 'nextTick = (cb) => Promise.resolve().then(cb);'],
    [/globalThisShim = \(\(\) => \{\n(?:.*\n)*?\}\)\(\);/, 'globalThisShim = globalThis;'],
  ],
  'engine.io-client/transport': [TIMERS_KEPT, [line('pause\\(onPause\\) \\{ \\}'), '']],
  'engine.io-client/transports/websocket': [
    TICK,
    [/^const isReactNative = (?:.*\n)*?.*"reactnative";\n/m, ''],
    [/const protocols = (?:.*\n)*?(?= *try \{)/, ''],
    [/this\.createSocket\(uri, protocols, opts\)/, 'new WebSocket(uri)'],
    [block('if \\(this\\.opts\\.autoUnref\\)'), ''],
    [/^const WebSocketCtor = .*\n/m, ''],
    [block('createSocket\\(uri, protocols, opts\\)'), ''],
  ],
  // Only text is sent, and binary arrives as an ArrayBuffer.
  'engine.io-parser/encodePacket.browser': [
    [
      /^const encodePacket = (?:.*\n)*?\};\n/m,
      'const encodePacket = ({ type, data }, _binary, callback) => callback(PACKET_TYPES[type] + (data || ""));\n',
    ],
  ],
  'engine.io-parser/decodePacket.browser': [
    [/mapBinary\(encodedPacket, binaryType\)/, 'encodedPacket'],
    [/decodeBase64Packet\((.*), binaryType\)/, 'decode($1)'],
  ],
  'socket.io-parser/is-binary': [
    [
      /^export function isBinary\(obj\) \{\n(?:.*\n)*?\}\n/m,
      'export const isBinary = (obj) => obj instanceof ArrayBuffer;\n',
    ],
  ],
};

export const SIGNALLING_FILES = Object.keys(PARTS);

/** @throws Error when a pattern is not found. */
export function slimSignalling(file, code) {
  return (PARTS[file] ?? []).reduce((rest, [part, by]) => {
    // `search` starts anew each time, even with a global pattern.
    if (rest.search(part) < 0)
      throw new Error(`another socket.io-client than 4.8: nothing in its ${file} is ${part.source}`);
    return rest.replace(part, by);
  }, code);
}
