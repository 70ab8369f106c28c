import { expect, test } from 'vitest';
import { beginPlaying } from './begin-playing.ts';

/** Simulates a browser's autoplay rule: what `play()` does, muted or not. */
function video(allowed: 'all' | 'muted' | 'none', failure = 'NotAllowedError') {
  return {
    muted: false,
    asked: [] as boolean[],
    play(): Promise<void> {
      this.asked.push(this.muted);
      const may = allowed === 'all' || (allowed === 'muted' && this.muted);
      return may ? Promise.resolve() : Promise.reject(new DOMException('no', failure));
    },
  };
}

test('plays with sound if the browser allows it', async () => {
  const element = video('all');
  expect(await beginPlaying(element, false)).toBe('playing');
  expect(element.muted).toBe(false);
});

test('plays muted if requested, without an attempt with sound', async () => {
  const element = video('all');
  expect(await beginPlaying(element, true)).toBe('silent');
  expect(element.asked).toEqual([true]);
});

test('plays muted if the browser does not allow sound yet', async () => {
  const element = video('muted');
  expect(await beginPlaying(element, false)).toBe('silent');
  expect(element.asked).toEqual([false, true]);
});

test('reports a refusal of any playback', async () => {
  expect(await beginPlaying(video('none'), false)).toBe('refused');
  expect(await beginPlaying(video('none'), true)).toBe('refused');
});

test('an interruption is no refusal, and the sound stays on', async () => {
  const element = video('none', 'AbortError');
  expect(await beginPlaying(element, false)).toBe('interrupted');
  expect(element.muted).toBe(false);
});
