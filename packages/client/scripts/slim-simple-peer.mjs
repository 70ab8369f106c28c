/** What `slim.mjs` makes of simple-peer 9.11: data channels with trickled candidates, described once, and nothing else. */
import { fileURLToPath } from 'node:url';

const SHIMS = fileURLToPath(new URL('../src/simple-peer-shims.ts', import.meta.url));

/** What simple-peer 9.11 requires, by the names that it gives it. */
const SHIMMED = ['getBrowserRTC', 'stream', '{ Buffer }'];
/** Not shimmed: the microtask is the page's own; nothing logs, channels need no names, and nobody asks for an error's code. */
const NOT_SHIMMED = ['queueMicrotask', 'debug', 'errCode', 'randombytes'];

const REQUIRE = /^const (.+) = require\('.+'\)(?:\('simple-peer'\))?(?: \/\/.*)?$/gm;
const DEBUG_CALL = /^ *this\._debug\((?:[^()]|\([^()]*\))*\)\n/gm;
const EXPORT = /^module\.exports = Peer$/m;
/** Errors stay as they are: the code of a DOMException cannot even be written. */
const CODED = /errCode\((\w+|new Error\((?:'[^']*'|"[^"]*"|`[^`]*`|[^'"`])*?\)), '[A-Z_]+'\)/g;

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
  ...MEDIA_METHODS.map(method),
  block('if \\(this\\.streams\\)'),
  block('this\\._pc\\.ontrack = event =>'),
  block('if \\(data\\.transceiverRequest && this\\.initiator\\)'),
  / && !data\.transceiverRequest/,
  /^ *if \(!this\.initiator\) this\._requestMissingTransceivers\(\)\n/m,
  /^ *this\._pc\.ontrack = null\n/m,
];

/** Writing through the stream, with its back-pressure: `LinkOutlet` sends on the channel itself. */
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
  block("if \\(typeof this\\._channel\\.bufferedAmountLowThreshold !== 'number'\\)"),
  block('if \\(this\\._chunk\\)'),
];

/** Describing the connection again: a link never does, and `Signal` lets no wish for it pass. */
export const NEGOTIATION_METHODS = ['_needsNegotiation', 'negotiate', '_onSignalingStateChange'];
const NEGOTIATION = [
  ...NEGOTIATION_METHODS.map(method),
  /^ *this\._(?:is|first|batched|queued)Negotiat(?:ing|ion) = .*\n/gm,
  /^ *this\.(?:_sendersAwaitingStable|_senderMap|_remoteTracks|_remoteStreams) = .*\n/gm,
  block('this\\._pc\\.onsignalingstatechange = \\(\\) =>'),
  /^ *this\._pc\.onsignalingstatechange = null\n/m,
  block('if \\(data\\.renegotiate && this\\.initiator\\)'),
  / && !data\.renegotiate/,
  block("if \\(typeof data === 'string'\\)"),
];

/** Candidates go out one by one as they are found, so that no description waits for all of them. */
export const GATHERING_METHODS = ['_startIceCompleteTimeout'];
const GATHERING = [
  ...GATHERING_METHODS.map(method),
  /^const ICECOMPLETE_TIMEOUT = .*\n/m,
  /^function filterTrickle \(sdp\) \{\n.*\n\}\n/m,
  /^ *this\.(?:trickle|allowHalfTrickle|iceCompleteTimeout|sdpTransform|_iceComplete|_iceCompleteTimer) = .*\n/gm,
  /^ *if \(!this\.trickle && .*\n.*sdpTransform.*\n/gm,
  /^ *\/\/ as soon as .*\n *if \(event\.candidate\) \{\n *this\._startIceCompleteTimeout\(\)\n *\}\n/m,
  /^ *const iceGatheringState = .*\n/m,
  /^ *this\.emit\('iceStateChange', .*\n/m,
  block('this\\._pc\\.onicegatheringstatechange = \\(\\) =>'),
  /^ *this\._pc\.onicegatheringstatechange = null\n/m,
];

/** Names and defaults for who makes a Peer otherwise than `peer-link.ts`. */
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

/** What is left of lines that served more than one purpose. */
const SIMPLER = [
  [/^( *)this\.config = .*$/m, '$1this.config = opts.config'],
  [/this\._wrtc = \(opts\.wrtc [^?]*\?\s*opts\.wrtc\s*: /, 'this._wrtc = '],
  [/if \(typeof window === 'undefined'\) \{[^}]*\} else \{([^}]*)\}/, '$1'],
  [/this\.initiator \|\| this\.channelNegotiated/, 'this.initiator'],
  [/this\.channelName, this\.channelConfig/, "''"],
  [/this\._pc\.create(Offer|Answer)\(this\.(?:offer|answer)Options\)/g, 'this._pc.create$1()'],
  [
    /^( *)this\._needsNegotiation\(\)\n/m,
    '$1// HACK of simple-peer: not at once, for Chrome\n$1if (this.initiator) setTimeout(() => this._createOffer(), 0)\n',
  ],
  [
    /const onSuccess = \(\) => \{\n(?:.*\n)*?.*\b(sendOffer|sendAnswer)\(\)\n(?:.*\n)*? *\}\n/g,
    'const onSuccess = $1\n',
  ],
  [/event\.candidate && this\.trickle/, 'event.candidate'],
  [/ else if \(!event\.candidate && [^}]*\}/, ''],
];

/**
 * simple-peer as an ES module upon `simple-peer-shims.ts`, without the messages of its logger and what nobody here calls.
 * @throws Error when it is not the simple-peer that is known here.
 */
export function slimSimplePeer(code) {
  const names = [...code.matchAll(REQUIRE)].map((match) => match[1]);
  if (names.toSorted().join() !== [...SHIMMED, ...NOT_SHIMMED].toSorted().join() || !EXPORT.test(code))
    throw new Error(`another simple-peer than 9.11: it requires ${names.join(', ')}`);
  const body = onlyAsked(readyAtOnce(withoutMedia(code)).replace(DEBUG_CALL, ''))
    .replace(REQUIRE, '')
    .replace(CODED, '$1')
    .replace(EXPORT, 'export default Peer');
  const imports = SHIMMED.map((name) => name.replace(/[{ }]/g, '')).join(', ');
  return `import { ${imports} } from ${JSON.stringify(SHIMS)};\n${body}`;
}

/** @throws Error when something of it is not where it was in simple-peer 9.11. */
function withoutMedia(code) {
  return MEDIA.reduce((rest, part) => replaced(rest, part, ''), code);
}

/**
 * An open channel is ready. simple-peer reads the addresses of both ends off the connection's statistics first, in three
 * browsers' ways: nobody asks for them. @throws Error as above.
 */
function readyAtOnce(code) {
  const search =
    /^( {4})this\._connecting = true\n\n {4}\/\/ HACK: We can't rely on order here(?:.*\n)+?(?= {8}if \(this\._chunk\))/m;
  const end = /^ {6}\}\)\n {4}\}\n {4}findCandidatePair\(\)\n/m;
  const asked = / \|\| this\._connecting/;
  return replaced(replaced(replaced(code, search, '$1this._connected = true\n'), end, ''), asked, '');
}

function onlyAsked(code) {
  const simpler = SIMPLER.reduce((rest, [part, by]) => replaced(rest, part, by), code);
  return [...NEGOTIATION, ...GATHERING, ...STREAM, ...DEFAULTS].reduce(
    (rest, part) => replaced(rest, part, ''),
    simpler,
  );
}

function replaced(code, part, by) {
  // `search` begins anew each time, also with a global pattern.
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
