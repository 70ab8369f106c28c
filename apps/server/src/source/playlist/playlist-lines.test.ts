import { describe, expect, it } from 'vitest';
import { playlistLines } from './playlist-lines.ts';

const URL_ = 'https://host/a/index.m3u8?token=t1';
const lines = (text: string, inherited?: ReadonlyMap<string, string>) =>
  playlistLines(text, URL_, inherited).lines;

describe('playlistLines', () => {
  it('reads any line ending, a byte order mark and blank lines', () => {
    expect(lines('\uFEFF#EXTM3U\r\n\r\n  #EXTINF:2, \rseg.ts\n')).toEqual([
      '#EXTM3U',
      '#EXTINF:2,',
      'seg.ts',
    ]);
  });

  it.each(['', '<!doctype html>', '#EXTM3UX', 'seg.ts\n#EXTM3U', '{"error":404}'])('refuses %j', (text) => {
    expect(() => lines(text)).toThrow('not an HLS playlist');
  });

  it('resolves variables of its own, of the multivariant playlist and of the address', () => {
    const text = [
      '#EXTM3U',
      '#EXT-X-DEFINE:NAME="cdn",VALUE="https://cdn"',
      '#EXT-X-DEFINE:IMPORT="auth"',
      '#EXT-X-DEFINE:QUERYPARAM="token"',
      '#EXT-X-MAP:URI="{$cdn}/init.mp4?{$auth}"',
      '{$cdn}/seg.ts?t={$token}',
    ].join('\n');
    expect(lines(text, new Map([['auth', 'a=1']]))).toEqual([
      '#EXTM3U',
      '#EXT-X-MAP:URI="https://cdn/init.mp4?a=1"',
      'https://cdn/seg.ts?t=t1',
    ]);
    expect(playlistLines('#EXTM3U\n#EXT-X-DEFINE:NAME="a",VALUE="b"', URL_).definitions).toEqual(
      new Map([['a', 'b']]),
    );
  });

  it('refuses a variable without a value, and variables that inflate a playlist', () => {
    expect(() => lines('#EXTM3U\n#EXT-X-DEFINE:IMPORT="none"')).toThrow('undefined variable none');
    const bomb = `#EXTM3U\n#EXT-X-DEFINE:NAME="x",VALUE="${'y'.repeat(1000)}"\n${'{$x}'.repeat(100)}\n`;
    expect(() => lines(bomb + '{$x}'.repeat(100_000))).toThrow('too long');
  });
});
