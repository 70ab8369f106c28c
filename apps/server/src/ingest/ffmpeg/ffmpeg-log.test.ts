import { describe, expect, it } from 'vitest';
import { FfmpegLog } from './ffmpeg-log.ts';

/** As ffmpeg 5.1 writes it. */
const INPUT = `[info] Input #0, mpegts, from 'pipe:0':
[info]   Duration: N/A, start: 1.400000, bitrate: N/A
[info]   Stream #0:0: Video: mjpeg, yuvj420p, 90k tbr (attached pic)
[info]   Stream #0:1[0x100](und): Video: h264 (High) ([27][0][0][0] / 0x001B), yuv420p(tv, bt709, progressive), 1920x1080 [SAR 1:1 DAR 16:9], 25 fps
[info]   Stream #0:2[0x101](eng): Audio: aac (LC) ([15][0][0][0] / 0x000F), 48000 Hz, stereo
[info]   Stream #0:3[0x102](deu): Audio: ac3, 48000 Hz, stereo`.split('\n');
const OUTPUT = `[info] Output #0, hls, to 'http://127.0.0.1/secret/index.m3u8':
[info]   Stream #0:0: Video: vp9`.split('\n');

describe('FfmpegLog', () => {
  it('gives the streams once all are listed: the first of each kind, without cover art or outputs', () => {
    const log = new FfmpegLog([]);
    for (const line of INPUT) {
      log.add(line);
      expect(log.streams).toBeUndefined();
    }
    for (const line of OUTPUT) log.add(line);
    expect(log.streams).toEqual({ video: 'h264', audio: 'aac', width: 1920, height: 1080 });
  });

  it('gives the streams when ffmpeg ends at once, but none of an unreadable input', () => {
    const log = new FfmpegLog([]);
    for (const line of INPUT) log.add(line);
    log.end();
    expect(log.streams).toMatchObject({ video: 'h264', audio: 'aac' });
    const empty = new FfmpegLog([]);
    empty.add(INPUT[0] ?? '');
    empty.end();
    expect(empty.streams).toBeUndefined();
  });

  it('keeps the last errors, without keys', () => {
    const log = new FfmpegLog([['rtmp://h/app/key', 'rtmp://h/…']]);
    log.add('[info] Stream mapping:');
    log.add('[tcp @ 0x5612aa] [error] Connection to tcp://h:1935 failed: Connection refused');
    log.add('[error] rtmp://h/app/key: Connection refused');
    log.add('[error] rtmp://h/app/key: Connection refused');
    expect(log.tail).toBe(
      'Connection to tcp://h:1935 failed: Connection refused; rtmp://h/…: Connection refused',
    );
  });

  it('keeps a bounded tail', () => {
    const log = new FfmpegLog([]);
    for (let i = 0; i < 1000; i++) log.add(`[warning] ${'x'.repeat(200)}${i}`);
    expect(log.tail.length).toBe(300);
    expect(log.tail).toMatch(/999$/);
  });
});
