import { describe, expect, it } from 'vitest';
import { boundUdp, checkedSource, isAmbiguous, isListener, shownSource, sourceKind } from './source-kind.ts';

describe('sourceKind', () => {
  it.each([
    ['http://h/live/index.m3u8', 'hls'],
    ['https://h/live?token=a.ts', 'hls'],
    ['http://h:8000/stream.ts?x', 'http'],
    ['https://h/radio.MP3', 'http'],
    ['rtmps://h/app/key', 'rtmp'],
    ['rtsp://user:pw@h/cam', 'rtsp'],
    ['srt://h:9000', 'srt'],
    ['udp://239.0.0.1:1234', 'udp'],
    ['file:clip.mp4', 'file'],
  ])('%s is %s', (url, kind) => {
    expect(checkedSource(url, true)).toEqual({ url });
    expect(sourceKind(url)).toBe(kind);
  });
});

describe('checkedSource', () => {
  it.each([
    ['srt://:9000?mode=listener', 'srt://127.0.0.1:9000?mode=listener'],
    ['udp://@:1234', 'udp://127.0.0.1:1234'],
    ['udp://@239.0.0.1:1234', 'udp://@239.0.0.1:1234'],
    ['srt://0.0.0.0:9000?mode=listener&passphrase=0123456789', undefined],
    ['srt://[::1]:9000?mode=listener', undefined],
  ])('accepts %s', (given, url = given) => {
    expect(checkedSource(given, true)).toEqual({ url });
  });

  it.each([
    ['srt://0.0.0.0:9000?mode=listener', 'lets anyone who can reach this machine send'],
    ['srt://tv.example:9000?mode=listener', 'lets anyone'],
    ['srt://peer.example:9000?mode=rendezvous', 'lets anyone'],
    ['udp://0.0.0.0:1234', 'Name the address of one interface'],
    ['udp://0:1234', 'lets anyone who can reach this machine send'],
    ['udp://[::]:1234', 'lets anyone'],
    ['udp://10.0.0.5:1234?localaddr=0.0.0.0', 'lets anyone'],
    ['srt://h:9000?passphrase=short', 'a passphrase of 5 characters'],
    ['srt://h', 'has no port'],
    ['udp://239.0.0.1', 'has no port'],
    ['ftp://h/x', 'is not the address of a source'],
    ['constructor://h/x', 'is not the address of a source'],
    ['concat:a|b', 'is not the address'],
    ['rtmp://h/app/key live=1', 'is not the address'],
    ['rtmp:///x', 'is not the address'],
    ['-i', 'is not the address'],
    ['', 'is not the address'],
    ['file:', 'has no file path'],
  ])('refuses %s', (url, problem) => {
    expect(checkedSource(url, true)).toEqual({ problem: expect.stringContaining(problem) as string });
  });

  it('accepts files from the command line only', () => {
    expect(checkedSource('file:/etc/passwd', false)).toHaveProperty('problem');
    expect(checkedSource('FILE:/etc/passwd', false)).toHaveProperty('problem');
  });
});

it('recognises addresses that do not tell whether they are HLS', () => {
  expect(isAmbiguous('http://h:8000/live')).toBe(true);
  expect(isAmbiguous('http://h/live.m3u8?x')).toBe(false);
  expect(isAmbiguous('http://h/live.mp3')).toBe(false);
  expect(isAmbiguous('rtmp://h/live')).toBe(false);
});

it('recognises addresses that wait for a connection', () => {
  expect(isListener('srt://127.0.0.1:9000?mode=listener')).toBe(true);
  expect(isListener('srt://127.0.0.1:9000')).toBe(false);
  expect(isListener('rtmp://h/listener')).toBe(false);
});

it('hides keys and passwords', () => {
  expect(shownSource('rtmp://u:pw@h:1935/app/key?x=1')).toBe('rtmp://h:1935/…');
  expect(shownSource('file:clip.mp4')).toBe('file:clip.mp4');
});

it.each([
  ['udp://127.0.0.1:1234', 'udp://127.0.0.1:1234?localaddr=127.0.0.1'],
  ['udp://[::1]:1234?fifo_size=1000', 'udp://[::1]:1234?fifo_size=1000&localaddr=::1'],
  ['udp://239.0.0.1:1234', 'udp://239.0.0.1:1234'],
  ['udp://@[ff02::5]:1234', 'udp://@[ff02::5]:1234'],
  ['udp://10.0.0.5:1234?localaddr=10.0.0.6', 'udp://10.0.0.5:1234?localaddr=10.0.0.6'],
])('binds %s to its host', (url, bound) => {
  expect(boundUdp(url)).toBe(bound);
});
