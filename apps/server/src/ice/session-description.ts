import type { Signal } from '@freshet/protocol';
import { type CandidateFault, screenCandidate, type Way } from './candidate.ts';

/** Lines of a description: a browser's has 20, and one line for each candidate that it has found already. */
const MAX_LINES = 80;
/** One line, in characters. The longest that browsers write is a SHA-512 fingerprint, or a candidate. */
const MAX_LINE = 512;

const TOKEN = String.raw`[\w+./!*-]{1,64}`;
const DIGITS = String.raw`\d{1,20}`;
/** Lines with an address that nothing uses: it is replaced. */
const ORIGIN = new RegExp(`^(o=${TOKEN} ${DIGITS} ${DIGITS}) IN IP[46] [\\da-fA-F.:]{1,45}$`);
const CONNECTION = /^c=IN IP[46] [\d.:A-Fa-f]{1,45}$/;
const MEDIA = /^m=application [1-9]\d{0,4} (?:UDP|TCP)\/DTLS\/SCTP webrtc-datachannel$/;
const KEPT_AS_THEY_ARE: readonly RegExp[] = [
  /^v=0$/,
  /^s=[\w .-]{1,64}$/,
  /^t=0 0$/,
  /^b=(?:AS|CT|TIAS):\d{1,10}$/,
];
/** The attributes that are relayed, by name, and the form of their values; `''` is an attribute without one. */
const ATTRIBUTES: Readonly<Record<string, RegExp>> = {
  'end-of-candidates': /^$/,
  'extmap-allow-mixed': /^$/,
  // The digest's length has to be its algorithm's.
  fingerprint:
    /^sha-(?:1(?= .{59}$)|224(?= .{83}$)|256(?= .{95}$)|384(?= .{143}$)|512(?= .{191}$)) [\dA-F]{2}(?::[\dA-F]{2})+$/i,
  group: new RegExp(`^BUNDLE ${TOKEN}$`),
  'ice-options': /^[\w+/ -]{1,64}$/,
  'ice-pwd': /^[\d+/a-z]{22,256}$/i,
  'ice-ufrag': /^[\d+/a-z]{4,256}$/i,
  'max-message-size': /^\d{1,10}$/,
  mid: new RegExp(`^${TOKEN}$`),
  'msid-semantic': /^ ?WMS(?: \*)?$/,
  'sctp-port': /^\d{1,5}$/,
  sendrecv: /^$/,
  setup: /^(?:actpass|active|passive)$/,
};
/** Each of these is there once, or a browser fails at once, or makes a connection that never opens. */
const NEEDED_ONCE = ['v', 'o', 's', 't', 'm', 'ice-pwd', 'ice-ufrag', 'mid', 'sctp-port', 'setup'] as const;
/** These belong to the section, the other attributes to it or to the session. */
const OF_SECTION: ReadonlySet<string> = new Set([
  ...['b', 'c', 'candidate', 'end-of-candidates', 'max-message-size', 'mid', 'sctp-port'],
]);

/**
 * Checks the description of a connection with one data channel and nothing else (RFC 8841), in linear time.
 * @param admit is called for each candidate in it that is usable; false leaves it out.
 * @returns the description without attributes that no data channel needs, without unusable candidates, and without any
 *   address outside of a candidate; `invalid` if a browser's never looks like this
 */
export function screenDescription(
  { type, sdp: text }: Description,
  way: Way,
  admit: () => boolean,
): { readonly sdp: string } | Extract<CandidateFault, 'invalid'> {
  const lines = text.split('\n', MAX_LINES + 2);
  if (lines.at(-1) === '') lines.pop();
  if (lines.length > MAX_LINES || lines[0]?.trimEnd() !== 'v=0') return 'invalid';
  const kept: string[] = [];
  const seen = new Map<string, string[]>();
  for (const each of lines) {
    const line = each.endsWith('\r') ? each.slice(0, -1) : each;
    if (line.length > MAX_LINE) return 'invalid';
    const { name, relayed } = line.startsWith('a=') ? attribute(line, way, admit) : section(line);
    if (relayed === 'invalid' || (OF_SECTION.has(name) && !seen.has('m'))) return 'invalid';
    seen.set(name, [...(seen.get(name) ?? []), line]);
    if (relayed !== undefined) kept.push(relayed);
  }
  return isWhole(type, kept, seen) ? { sdp: `${kept.join('\r\n')}\r\n` } : 'invalid';
}

type Description = Exclude<Signal, { type: 'candidate' }>;

function isWhole(
  type: Description['type'],
  kept: readonly string[],
  seen: ReadonlyMap<string, readonly string[]>,
): boolean {
  if (NEEDED_ONCE.some((name) => seen.get(name)?.length !== 1) || !seen.has('fingerprint')) return false;
  if (
    kept
      .slice(0, 4)
      .map(([first]) => first)
      .join('') !== 'vost'
  )
    return false;
  const [mid = ''] = seen.get('mid') ?? [];
  const bundle = mid.replace('a=mid:', 'a=group:BUNDLE ');
  if (seen.get('group')?.some((line) => line !== bundle) === true) return false;
  return (seen.get('setup')?.[0] === 'a=setup:actpass') === (type === 'offer');
}

interface Line {
  readonly name: string;
  /** Undefined for a line that is left out. */
  readonly relayed: string | undefined;
}

function section(line: string): Line {
  const name = line.slice(0, 1);
  const origin = ORIGIN.exec(line);
  if (origin?.[1] !== undefined) return { name, relayed: `${origin[1]} IN IP4 127.0.0.1` };
  if (MEDIA.test(line)) return { name, relayed: 'm=application 9 UDP/DTLS/SCTP webrtc-datachannel' };
  if (CONNECTION.test(line)) return { name, relayed: 'c=IN IP4 0.0.0.0' };
  return { name, relayed: KEPT_AS_THEY_ARE.some((form) => form.test(line)) ? line : 'invalid' };
}

function attribute(line: string, way: Way, admit: () => boolean): Line {
  const colon = line.indexOf(':');
  const name = line.slice(2, colon === -1 ? undefined : colon);
  const value = colon === -1 ? '' : line.slice(colon + 1);
  if (name === 'candidate') {
    const screened = screenCandidate(line.slice(2), way);
    if (screened === 'invalid') return { name, relayed: 'invalid' };
    const isUsed = screened !== 'unusable' && admit();
    return { name, relayed: isUsed ? `a=${screened.candidate}` : undefined };
  }
  // A browser's next release may add an attribute. That must not end sharing, and nobody receives it.
  const form = Object.hasOwn(ATTRIBUTES, name) ? ATTRIBUTES[name] : undefined;
  if (form === undefined) return { name: `a=${name}`, relayed: undefined };
  return { name, relayed: form.test(value) ? line : 'invalid' };
}
