import { expect, test } from 'vitest';
import { isOn, readScriptTag } from './script-tag.ts';

const src = 'http://host:8080/tv/embed.js?v=3';

test('a tag with only a stream means the script’s own server, autoplay and muted', () => {
  expect(readScriptTag({ src, dataset: { stream: 'live' } })).toEqual({
    server: 'http://host:8080/tv/',
    stream: 'live',
    autoplay: '',
    muted: '',
  });
});

test('options switch off and on', () => {
  const dataset = { stream: 'live', autoplay: 'false', muted: 'off', panel: 'open', debug: '' };
  expect(readScriptTag({ src, dataset })).toEqual({
    server: 'http://host:8080/tv/',
    stream: 'live',
    panel: 'open',
    debug: '',
  });
});

test('a tag without a stream returns a sentence', () => {
  expect(readScriptTag({ src, dataset: {} })).toContain('data-stream');
  expect(readScriptTag({ src, dataset: { stream: '../x' } })).toContain('data-stream');
});

test('a script without a URL has no server', () => {
  expect(readScriptTag({ src: '', dataset: { stream: 'live' } })).toContain('embed.js');
});

test('a player that waits for a click starts with sound unless `muted` is set', () => {
  expect(readScriptTag({ src, dataset: { stream: 'live', autoplay: 'no' } })).not.toHaveProperty('muted');
  expect(readScriptTag({ src, dataset: { stream: 'live', autoplay: 'no', muted: '' } })).toHaveProperty(
    'muted',
  );
});

test('isOn reads on and off, and falls back if absent', () => {
  expect(['', 'true', '1', 'muted'].every((value) => isOn(value, false))).toBe(true);
  expect(['false', '0', 'no', 'off', ' FALSE '].some((value) => isOn(value, true))).toBe(false);
  expect([isOn(undefined, true), isOn(undefined, false)]).toEqual([true, false]);
});
