/**
 * What `slim.mjs` makes of simple-peer 9.11: data channels with trickled candidates that are never renegotiated by
 * themselves.
 */
import { fileURLToPath } from 'node:url';

const EMITTER = fileURLToPath(new URL('../src/util/emitter.ts', import.meta.url));

/**
 * What simple-peer 9.11 requires, by the names that it uses. Of the stream it needs only the events, and the page
 * itself has the rest. Nothing logs, channels need no names, and no code reads the code of an error.
 */
const REQUIRED = [
  ...['stream', '{ Buffer }', 'getBrowserRTC'],
  ...['queueMicrotask', 'debug', 'errCode', 'randombytes'],
];

const REQUIRE = /^const (.+) = require\('.+'\)(?:\('simple-peer'\))?(?: \/\/.*)?$/gm;
const DEBUG_CALL = /^ *this\._debug\((?:[^()]|\([^()]*\))*\)\n/gm;
const EXPORT = /^module\.exports = Peer$/m;
/** Errors stay as they are: the code of a DOMException cannot even be written. */
const CODED = /errCode\((\w+|new Error\((?:'[^']*'|"[^"]*"|`[^`]*`|[^'"`])*?\)), '[A-Z_]+'\)/g;

/**
 * The methods for audio, video and statistics, and their callers: we have data channels only, and a neighbour cannot
 * request more.
 */
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
  ...MEDIA_METHODS.map(method),
  block('if \\(this\\.streams\\)'),
  block('this\\._pc\\.ontrack = event =>'),
  block('if \\(data\\.transceiverRequest && this\\.initiator\\)'),
  / && !data\.transceiverRequest/,
  /^ *if \(!this\.initiator\) this\._requestMissingTransceivers\(\)\n/m,
];

/** Writing through the stream, with its back-pressure: `SendQueue` sends on the channel itself. */
export const STREAM_METHODS = [
  'bufferSize',
  'connected',
  'address',
  'send',
  '_read',
  '_write',
  '_onFinish',
  '_onInterval',
  '_onChannelBufferedAmountLow',
];
const STREAM = [
  ...STREAM_METHODS.map(method),
  /^const MAX_BUFFERED_AMOUNT = .*\n/m,
  /^ *opts = Object\.assign\(\{\n *allowHalfOpen: false\n *\}, opts\)\n/m,
  /^ *this\.(?:remote|local)(?:Address|Family|Port) = undefined\n/gm,
  /^ *this\.(?:_chunk|_cb|_interval) = null\n/gm,
  /^ *clearInterval\(this\._interval\)\n/m,
  /^ *this\._onFinishBound = \(\) => \{\n.*\n *\}\n.*\n/m,
  /^ *if \(this\._onFinishBound\) .*\n *this\._onFinishBound = null\n/m,
  /^ *this\.readable = this\.writable = false\n/m,
  /^ *if \(!this\._(?:readable|writable)State\..*\n/gm,
  block("if \\(typeof this\\._channel\\.bufferedAmountLowThreshold === 'number'\\)"),
  block('this\\._channel\\.onbufferedamountlow = \\(\\) =>'),
];

/** Automatic renegotiation: `peer-link.ts` decides when to make an offer, and `Signal` lets no request for one pass. */
export const NEGOTIATION_METHODS = [
  '_needsNegotiation',
  'negotiate',
  '_onSignalingStateChange',
  '_createAnswer',
];
const NEGOTIATION = [
  ...NEGOTIATION_METHODS.map(method),
  /^ *this\._(?:is|first|batched|queued)Negotiat(?:ing|ion) = .*\n/gm,
  /^ *this\.(?:_sendersAwaitingStable|_senderMap|_remoteTracks|_remoteStreams) = .*\n/gm,
  block('this\\._pc\\.onsignalingstatechange = \\(\\) =>'),
  block('if \\(data\\.renegotiate && this\\.initiator\\)'),
  // Signals that arrive are valid `Signal`s.
  block('if \\(!data\\.sdp && !data\\.candidate && !data\\.renegotiate\\)'),
  block("if \\(typeof data === 'string'\\)"),
];

/** Candidates are sent one by one as they are found, so that no description waits for all of them. */
export const GATHERING_METHODS = ['_startIceCompleteTimeout'];
const GATHERING = [
  ...GATHERING_METHODS.map(method),
  /^const ICECOMPLETE_TIMEOUT = .*\n/m,
  /^function filterTrickle \(sdp\) \{\n.*\n\}\n/m,
  /^ *this\.(?:trickle|allowHalfTrickle|iceCompleteTimeout|sdpTransform|_iceComplete|_iceCompleteTimer) = .*\n/gm,
  /^ *\/\/ as soon as .*\n *if \(event\.candidate\) \{\n *this\._startIceCompleteTimeout\(\)\n *\}\n/m,
  block('this\\._pc\\.onicegatheringstatechange = \\(\\) =>'),
];

const DESCRIBE = `  _createOffer () {
    if (this.destroyed) return
    this._pc.setLocalDescription().then(() => {
      if (this.destroyed) return
      const { type, sdp } = this._pc.localDescription
      this.emit('signal', { type, sdp })
    }).catch(err => {
      this.destroy(err)
    })
  }
`;

/**
 * An open channel is ready. simple-peer also waits for the connection's state, and reads the addresses of both ends
 * from its statistics, in the forms of three browsers. Nothing uses them.
 */
export const READY_METHODS = ['_maybeReady', '_onIceStateChange', '_onChannelOpen'];
const READY = [
  ...READY_METHODS.map((name) => [method(name), '']),
  [/this\._onChannelOpen\(\)/, "this.emit('connect')"],
  [block('this\\._pc\\.oniceconnectionstatechange = \\(\\) =>'), ''],
  [/^ *this\.(?:_connected|_pcReady|_channelReady|_connecting) = .*\n/gm, ''],
];

/** How a stream ends. */
export const ENDING_METHODS = ['_destroy', '_onChannelClose'];
const ENDING = [
  [/^ {2}destroy \(err\) \{\n.*\n {2}\}\n/m, ''],
  [/_destroy \(err, cb\)/, 'destroy (err)'],
  [method('_onChannelClose'), ''],
  [/^ *cb\(\)\n/m, ''],
  // A peer that ends does so for good, and `peer-link.ts` drops it.
  [/^ *this\.destroying = false\n/gm, ''],
  [/this\.destroyed \|\| this\.destroying/, 'this.destroying'],
  [/^ *this\._(?:pc|channel) = null\n/gm, ''],
  // We close connections, never channels alone: a channel that hangs while it closes is detected as lost, as any other.
  [
    /^ *let isClosing = false\n *this\._closingInterval = setInterval\(.*\n(?:.*\n)*? *\}, CHANNEL_CLOSING_TIMEOUT\)\n/m,
    '',
  ],
  [/^ *clearInterval\(this\._closingInterval\)\n/m, ''],
  [/^ *this\._closingInterval = null\n/gm, ''],
  [/^const CHANNEL_CLOSING_TIMEOUT = .*\n/m, ''],
  [/this\._onChannelClose\(\)/, 'this.destroy()'],
  // Closing throws nothing.
  [
    /^ *if \(this\._(channel|pc)\) \{\n *try \{\n.*\n.*\n((?: *\n| *\/\/.*\n| *this\..*\n)*) *\}\n/gm,
    '      this._$1?.close()\n',
  ],
];

/** Names and defaults for callers other than `peer-link.ts`. */
export const LOGGER_METHODS = ['_debug'];
const DEFAULTS = [
  ...LOGGER_METHODS.map(method),
  /^ *this\._id = .*\n/m,
  /^ *this\.(?:channelConfig|channelNegotiated|offerOptions|answerOptions|streams|_isReactNativeWebrtc) = .*\n/gm,
  /^ *this\.channelName = opts\.initiator\n.*\n.*\n/m,
  /^ *this\.channelName = this\._channel\.label\n/m,
  /^Peer\.WEBRTC_SUPPORT = .*\n/m,
  /^Peer\.config = \{\n(?:.*\n)*?\}\n/m,
  /^Peer\.channelConfig = .*\n/m,
];

/** Methods of one line, inlined where they are called. */
export const INLINE_METHODS = ['_addIceCandidate'];
/** The remains of lines that served more than one purpose. */
const SIMPLER = [
  [/ extends stream\.Duplex/, ' extends Emitter'],
  [/super\(opts\)/, 'super()'],
  [/this\.push\(data\)/, "this.emit('data', data)"],
  // A view, no copy.
  [/Buffer\.from\(data\)/, 'new Uint8Array(data)'],
  ...READY,
  ...ENDING,
  [/^ *this\.config = .*\n/m, ''],
  [/opts\.initiator \|\| false/, 'opts.initiator'],
  // Where there is no WebRTC this throws, and the link ends as it does where WebRTC is blocked.
  [/^ *this\._wrtc = .*\n.*\n.*\n/m, ''],
  [block('if \\(!this\\._wrtc\\)'), ''],
  [/new \(this\._wrtc\.RTCPeerConnection\)\(this\.config\)/, 'new RTCPeerConnection(opts.config)'],
  [/this\.initiator \|\| this\.channelNegotiated/, 'this.initiator'],
  [/this\.channelName, this\.channelConfig/, "''"],
  // Browsers know whether an offer or an answer is due.
  [method('_createOffer'), DESCRIBE],
  [/this\._createAnswer\(\)/, 'this._createOffer()'],
  [
    /^( *)this\._needsNegotiation\(\)\n/m,
    '$1// HACK of simple-peer: not at once, for Chrome\n$1if (this.initiator) setTimeout(() => this._createOffer(), 0)\n',
  ],
  [/event\.candidate && this\.trickle/, 'event.candidate'],
  // `Signal` picks the fields that are signalled.
  [/candidate: \{\n *candidate: event\.candidate\.candidate,\n(?:.*\n){2} *\}/, 'candidate: event.candidate'],
  // A candidate that this browser cannot use, of the other address family for example, is skipped and ends no link.
  ...INLINE_METHODS.map((name) => [method(name), '']),
  // Signals keep their order, and browsers apply candidates after the description that is being set.
  [
    /if \(this\._pc\.remoteDescription && .*\n(?:.*\n){3} *\}\n/,
    'this._pc.addIceCandidate(data.candidate).catch(() => {})\n',
  ],
  [/^ *this\._pendingCandidates\.forEach\(.*\n.*\n *\}\)\n/m, ''],
  [/^ *this\._pendingCandidates = .*\n/gm, ''],
  // Nothing is signalled to a link that has ended.
  [/^ *if \(this\.destroyed\) throw .*\n/m, ''],
  // The only field of its event that browsers have, and only some of them.
  [
    /const err = event\.error instanceof Error\n.*\n.*\n *this\.destroy\(.*\n/,
    "this.destroy(event.error || new Error('Datachannel error'))\n",
  ],
  // Only wrtc reports a channel that is missing.
  [block('if \\(!event\\.channel\\)'), ''],
  // Browsers accept the signalled object as it is.
  [/new \(this\._wrtc\.RTCSessionDescription\)\(data\)/, 'data'],
  [/^function warn \(message\) \{\n.*\n\}\n/m, ''],
  [/ else if \(!event\.candidate && [^}]*\}/, ''],
];

/**
 * simple-peer as an ES module on top of our `Emitter`, without its log messages and unused code.
 * @throws Error when the code is not that of simple-peer 9.11.
 */
export function slimSimplePeer(code) {
  const names = [...code.matchAll(REQUIRE)].map((match) => match[1]);
  if (names.toSorted().join() !== REQUIRED.toSorted().join() || !EXPORT.test(code))
    throw new Error(`another simple-peer than 9.11: it requires ${names.join(', ')}`);
  const body = onlyAsked(withoutMedia(code).replace(DEBUG_CALL, ''))
    .replace(REQUIRE, '')
    .replace(CODED, '$1')
    .replace(EXPORT, 'export default Peer');
  return `import { Emitter } from ${JSON.stringify(EMITTER)};\n${body}`;
}

/** @throws Error when a pattern is not found as in simple-peer 9.11. */
function withoutMedia(code) {
  return MEDIA.reduce((rest, part) => replaced(rest, part, ''), code);
}

function onlyAsked(code) {
  const simpler = SIMPLER.reduce((rest, [part, by]) => replaced(rest, part, by), code);
  return [...NEGOTIATION, ...GATHERING, ...STREAM, ...DEFAULTS].reduce(
    (rest, part) => replaced(rest, part, ''),
    simpler,
  );
}

function replaced(code, part, by) {
  // `search` starts anew each time, even with a global pattern.
  if (code.search(part) < 0)
    throw new Error(`another simple-peer than 9.11: nothing in it is ${part.source}`);
  return code.replace(part, by);
}

function method(name) {
  return new RegExp(`^  (?:get )?${name} \\(.*\\) \\{(?:\\}|\n(?:.*\n)*?  \\})\n`, 'm');
}

/** Lines from `head {` to the brace that closes it. */
function block(head) {
  return new RegExp(`^( *)${head} \\{\n(?:.*\n)*?\\1\\}\n`, 'm');
}
