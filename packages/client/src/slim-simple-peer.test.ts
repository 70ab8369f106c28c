import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import {
  ENDING_METHODS,
  GATHERING_METHODS,
  INLINE_METHODS,
  LOGGER_METHODS,
  MEDIA_METHODS,
  NEGOTIATION_METHODS,
  READY_METHODS,
  slimSimplePeer,
  STREAM_METHODS,
} from '../scripts/slim.mjs';

const source = readFile(createRequire(import.meta.url).resolve('simple-peer'), 'utf8');

test('becomes an ES module that imports only the Emitter', async () => {
  const slimmed = slimSimplePeer(await source);
  expect(slimmed).not.toMatch(/require\(|module\.exports/);
  expect(slimmed.match(/^import .*/gm)).toEqual([
    expect.stringMatching(/^import \{ Emitter \} from ".*\/emitter\.ts";$/),
  ]);
  expect(slimmed).toContain('export default Peer');
});

test('loses the methods that are not called, and no others', async () => {
  const methods = (code: string) =>
    [...code.matchAll(/^ {2}(?:get )?(\w+) \(.*\{\}?$/gm)].map((match) => match[1]);
  const kept = methods(slimSimplePeer(await source));
  const lost = [
    ...[MEDIA_METHODS, STREAM_METHODS, NEGOTIATION_METHODS, GATHERING_METHODS],
    ...[READY_METHODS, ENDING_METHODS, INLINE_METHODS, LOGGER_METHODS],
  ].flat();
  expect([...kept, ...lost].toSorted()).toEqual(methods(await source).toSorted());
});

test('the remaining code uses nothing that was removed', async () => {
  const slimmed = slimSimplePeer(await source);
  const names = (pattern: RegExp) => new Set([...slimmed.matchAll(pattern)].map((match) => match[1] ?? ''));
  const known = new Set([
    ...names(/^ {2}(\w+) \(.*\{$/gm),
    ...names(/this\.(\w+) = /g),
    // From the Emitter.
    'emit',
  ]);
  expect([...names(/this\.(\w+)/g)].filter((name) => !known.has(name))).toEqual([]);
  const gone =
    /errCode|debug|randombytes|transceiverRequest|renegotiate|(?:createOffer|createAnswer)\([^)]|MAX_BUFFERED|ICECOMPLETE/;
  expect(slimmed).not.toMatch(gone);
});

test('keeps the errors of the remaining code, without codes', async () => {
  const messages = (code: string) =>
    [...code.matchAll(/new Error\((?:'|`)(.*?)(?:'|`)\)/g)].map(([, text]) => text);
  expect(messages(slimSimplePeer(await source))).toEqual(['Datachannel error', 'Connection failed.']);
});

test('a candidate that the browser rejects does not end a link', async () => {
  const slimmed = slimSimplePeer(await source);
  expect(slimmed).toMatch(
    /if \(data\.candidate\) \{\s+this\._pc\.addIceCandidate\(data\.candidate\)\.catch\(\(\) => \{\}\)\s+\}/,
  );
  expect(slimmed).toContain('this._pc.setRemoteDescription(data)');
});

test('sends a description and each candidate as soon as it exists', async () => {
  const slimmed = slimSimplePeer(await source);
  expect(slimmed).toMatch(/if \(this\.initiator\) setTimeout\(\(\) => this\._createOffer\(\), 0\)/);
  expect(slimmed).toMatch(
    /\.setLocalDescription\(\)\.then\([^}]*\} = this\._pc\.localDescription\n *this\.emit\('signal'/,
  );
  expect(slimmed).toMatch(/if \(event\.candidate\) \{\s+this\.emit\('signal', \{\s+type: 'candidate'/);
  expect(slimmed).toMatch(/_channel\.onopen = \(\) => \{\s+this\.emit\('connect'\)/);
});

test.each([
  ['requires more', (code: string) => `const more = require('more')\n${code}`],
  ['requires less', (code: string) => code.replace(/^const randombytes.*$/m, '')],
  ['has no tracks', (code: string) => code.replace('  _onTrack (event) {', '  onTrack (event) {')],
  ['is ready otherwise', (code: string) => code.replace('  _maybeReady () {', '  maybeReady () {')],
  ['negotiates otherwise', (code: string) => code.replace('  negotiate () {', '  _negotiate () {')],
  ['waits otherwise', (code: string) => code.replace('event.candidate && this.trickle', 'this.trickle')],
  ['ends otherwise', (code: string) => code.replace('_destroy (err, cb) {', '_destroy (err) {')],
  [
    'takes candidates otherwise',
    (code: string) => code.replace('_addIceCandidate (candidate)', 'addCandidate (candidate)'),
  ],
  ['exports otherwise', (code: string) => code.replace('module.exports = Peer', 'exports.Peer = Peer')],
])('refuses another simple-peer that %s', async (_what, change) => {
  const code = await source;
  expect(() => slimSimplePeer(change(code))).toThrow('another simple-peer');
});
