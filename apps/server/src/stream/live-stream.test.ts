import { describe, expect, it } from 'vitest';
import { LiveStream } from './live-stream.ts';
import { StreamDirectory } from './stream-directory.ts';

const media = { data: Buffer.from('x'), contentType: 'video/mp2t', extension: 'ts', durationMs: 1000 };

describe('LiveStream', () => {
  it('is live from its first segment, and reports segments and state changes once', () => {
    const stream = new LiveStream({ name: 'a', epoch: 1 });
    const told: string[] = [];
    stream.on('segment', ({ key }) => told.push(key));
    stream.on('state', (state) => told.push(state));
    stream.buffer.declareRendition('0000000a', { type: 'video' }).append({ ...media, msn: 4 });
    stream.setState('stale');
    stream.setState('stale');
    expect(told).toEqual(['live', '1/0000000a/4', 'stale']);
  });

  it('is playable when no working rendition lacks a segment', () => {
    const stream = new LiveStream({ name: 'a', epoch: 1 });
    expect(stream.playable).toBe(false);
    const one = stream.buffer.declareRendition('0000000a', { type: 'video' });
    const two = stream.buffer.declareRendition('0000000b', { type: 'video' });
    one.append({ ...media, msn: 0 });
    expect(stream.playable).toBe(false);
    two.setAvailable(false);
    expect(stream.playable).toBe(true);
  });

  it('stops its feed when it is closed', async () => {
    const stream = new LiveStream({ name: 'a', epoch: 1 });
    let stopped = 0;
    stream.attachFeed({
      stop: () => {
        stopped++;
        return Promise.resolve();
      },
    });
    const directory = new StreamDirectory();
    directory.add(stream);
    await directory.close();
    expect(stopped).toBe(1);
  });
});

describe('StreamDirectory', () => {
  it('refuses duplicate and invalid names', () => {
    const directory = new StreamDirectory();
    directory.add(new LiveStream({ name: 'a', epoch: 1 }));
    expect(() => {
      directory.add(new LiveStream({ name: 'a', epoch: 1 }));
    }).toThrow(RangeError);
    expect(() => {
      directory.add(new LiveStream({ name: '../a', epoch: 1 }));
    }).toThrow(RangeError);
    expect([...directory.all()].map(({ name }) => name)).toEqual(['a']);
  });
});
