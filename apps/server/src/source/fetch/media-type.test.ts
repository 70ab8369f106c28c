import { describe, expect, it } from 'vitest';
import { mediaType } from './media-type.ts';

const video = { encrypted: false, audio: false };
const ts = Buffer.alloc(376);
ts[0] = ts[188] = 0x47;
const box = (name: string) => Buffer.concat([Buffer.from([0, 0, 0, 8]), Buffer.from(name)]);
const id3 = (rest: Buffer) => Buffer.concat([Buffer.from('ID3\x04\0\0\0\0\0\x02xx', 'latin1'), rest]);
const type = (data: Buffer, options = video, url = 'https://h/x.html') =>
  mediaType(data, url, options).contentType;

describe('mediaType', () => {
  it('detects the type by the bytes, not by the name', () => {
    expect(type(ts)).toBe('video/mp2t');
    expect(type(box('styp'))).toBe('video/mp4');
    expect(type(box('moof'), { ...video, audio: true })).toBe('audio/mp4');
    expect(type(Buffer.from([0xff, 0xf1, 0x50, 0x80]))).toBe('audio/aac');
    expect(type(id3(Buffer.from([0xff, 0xf1, 0x50, 0x80])))).toBe('audio/aac');
    expect(type(id3(Buffer.from([0xff, 0xfb, 0x90, 0x00])))).toBe('audio/mpeg');
    expect(type(id3(Buffer.from([0x0b, 0x77])))).toBe('audio/ac3');
    expect(type(Buffer.from('\uFEFFWEBVTT\n'))).toBe('text/vtt');
  });

  it.each(['<html><script>', '', '{"a":1}', '#!/bin/sh', 'GIF89a'])('refuses %j', (text) => {
    expect(() => type(Buffer.from(text), video, 'https://h/x.ts')).toThrow(
      expect.objectContaining({ reason: 'not-media' }) as Error,
    );
  });

  it('uses the name when the bytes are encrypted, and accepts only media types', () => {
    const secret = Buffer.from('<html>');
    const encrypted = { encrypted: true, audio: false };
    expect(type(secret, encrypted, 'https://h/a/x.TS?y=1')).toBe('video/mp2t');
    expect(type(secret, encrypted, 'https://h/a/x.html')).toBe('application/octet-stream');
    expect(type(secret, encrypted, 'https://h/a/x.constructor')).toBe('application/octet-stream');
  });
});
