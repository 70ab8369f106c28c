import { expect, test } from 'vitest';
import { troubleOfError, troubleOfStatus } from './trouble.ts';

test.each([
  [404, 'unknown-stream'],
  [410, 'unknown-stream'],
  [401, 'denied'],
  [403, 'denied'],
  [429, 'busy'],
  [503, 'not-ready'],
  [500, 'unreachable'],
  [0, 'unreachable'],
  [undefined, 'unreachable'],
])('status %s is “%s”', (status, kind) => {
  expect(troubleOfStatus(status, 'live')).toMatchObject({ kind, retried: true });
});

test('an unknown stream is named if its name is known', () => {
  expect(troubleOfStatus(404, 'live').title).toContain('“live”');
  expect(troubleOfStatus(404, undefined).title).not.toContain('“');
});

test('network errors of hls.js map by status, all others to unplayable', () => {
  expect(troubleOfError({ type: 'networkError', response: { code: 404 } }, 'a').kind).toBe('unknown-stream');
  expect(troubleOfError({ type: 'networkError' }, 'a').kind).toBe('unreachable');
  expect(troubleOfError({ type: 'mediaError' }, 'a').kind).toBe('unplayable');
  expect(troubleOfError({ type: 'muxError' }, 'a').kind).toBe('unplayable');
});

test('errors other than of the network are not retried', () => {
  expect(troubleOfError({ type: 'mediaError' }, 'a').retried).toBe(false);
});
