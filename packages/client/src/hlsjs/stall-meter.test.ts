import { expect, test } from 'vitest';
import { type MediaMoment, StallMeter } from './stall-meter.ts';

function meterAfter(...moments: MediaMoment[]): StallMeter {
  const meter = new StallMeter();
  moments.forEach((moment, i) => {
    meter.saw(moment, i * 100);
  });
  return meter;
}

const START: MediaMoment[] = ['loading', 'play', 'waiting', 'canplay', 'playing'];

test('waiting for the start is not a stall, and startup ends when playback is possible', () => {
  const meter = meterAfter(...START);
  expect(meter.stalls).toBe(0);
  expect(meter.startupMs).toBe(300);
});

test('startup excludes the time until the viewer’s click where autoplay is refused', () => {
  expect(meterAfter('loading', 'canplay', 'pause', 'pause', 'play', 'playing').startupMs).toBe(100);
});

test.each<[string, MediaMoment[], number, boolean]>([
  ['running dry', ['waiting'], 1, true],
  ['running dry and going on', ['waiting', 'playing'], 1, false],
  ['one stall told twice', ['waiting', 'waiting', 'playing'], 1, false],
  ['two stalls', ['waiting', 'playing', 'waiting'], 2, true],
  ['a seek', ['seeking', 'waiting', 'seeked', 'waiting', 'playing'], 0, false],
  ['a seek out of a stall', ['waiting', 'seeking', 'waiting', 'playing'], 1, false],
  ['paused', ['pause', 'waiting'], 0, false],
])('after the start: %s', (_name, moments, stalls, stalled) => {
  const meter = meterAfter(...START, ...moments);
  expect(meter.stalls).toBe(stalls);
  expect(meter.stalled).toBe(stalled);
});
