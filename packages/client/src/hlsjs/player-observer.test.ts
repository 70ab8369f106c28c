import Hls from 'hls.js';
import { expect, test, vi } from 'vitest';
import { PlayerObserver } from './player-observer.ts';
import { FakeHls, Media } from '../testing/fake-hls.ts';

const { Events } = Hls;

const spies = () => ({ onMoved: vi.fn(), onPlaying: vi.fn(), onWarning: vi.fn(), onDestroyed: vi.fn() });

function attached() {
  const handlers = spies();
  const subject = new PlayerObserver(() => 1000, handlers);
  const hls = new FakeHls();
  const media = new Media();
  subject.attach(hls as unknown as Hls);
  hls.emit(Events.MANIFEST_LOADING);
  const mount = (element: Media | null) => {
    hls.media = element;
    hls.emit(element === null ? Events.MEDIA_DETACHING : Events.MEDIA_ATTACHED);
  };
  return { subject, hls, media, handlers, mount };
}
const moments = (media: Media, ...names: string[]) => {
  for (const name of names) media.dispatchEvent(new Event(name));
};

test('everything is due at once without a player, without an element, and in a stall', () => {
  const { subject, media, mount } = attached();
  expect(new PlayerObserver(() => 7, spies()).deadlineOf(99)).toBe(7);
  expect(subject.deadlineOf(14)).toBe(1000);
  mount(media);
  expect(subject.deadlineOf(14)).toBe(5000);
  moments(media, 'play', 'playing', 'waiting');
  expect(subject.meter.stalls).toBe(1);
  expect(subject.deadlineOf(14)).toBe(1000);
});

test.each([
  ['a level above it is allowed', true, 1, 2, true],
  ['it is on the highest one allowed', true, 2, 2, false],
  ['the viewer chose the level', false, 1, 2, false],
])('tells whether hls.js may climb when %s', (_name, autoLevelEnabled, loadLevel, maxAutoLevel, expected) => {
  const { subject, hls } = attached();
  Object.assign(hls, { autoLevelEnabled, loadLevel, maxAutoLevel });
  expect(subject.mayClimb).toBe(expected);
  subject.detach();
  expect(subject.mayClimb).toBe(false);
});

test('reports that the player plays, not that it could', () => {
  const { media, mount, handlers } = attached();
  mount(media);
  moments(media, 'play', 'canplay');
  expect(handlers.onPlaying).not.toHaveBeenCalled();
  moments(media, 'playing');
  expect(handlers.onPlaying).toHaveBeenCalledOnce();
});

test('reports seeks, pauses and changes of the playback rate', () => {
  const { media, mount, handlers } = attached();
  mount(media);
  moments(media, 'seeking', 'ratechange', 'pause');
  expect(handlers.onMoved).toHaveBeenCalledTimes(3);
});

test('releases only the element when hls.js detaches it to recover', () => {
  const { media, mount, handlers } = attached();
  mount(media);
  mount(null);
  expect(media.listeners).toBe(0);
  expect(handlers.onDestroyed).not.toHaveBeenCalled();
  mount(media);
  expect(media.listeners).toBeGreaterThan(0);
});

test('reports hls.js’s own assumption and no latency until hls.js has measured', () => {
  const { subject, hls } = attached();
  expect(subject.bandwidthEstimate).toBe(500_000);
  expect(subject.latencySeconds).toBeUndefined();
  hls.bandwidthEstimate = 3e6;
  hls.latency = 6.5;
  expect(subject.bandwidthEstimate).toBe(3e6);
  expect(subject.latencySeconds).toBe(6.5);
});

test('reports that hls.js is destroyed, and leaves no listener once detached', () => {
  const { subject, hls, media, mount, handlers } = attached();
  mount(media);
  hls.emit(Events.DESTROYING);
  expect(handlers.onDestroyed).toHaveBeenCalledOnce();
  subject.detach();
  expect(hls.eventNames()).toEqual([]);
  expect(media.listeners).toBe(0);
});
