import { expect, test } from 'vitest';
import { audioChoices, qualityChoices, subtitleChoices } from './choices.ts';

const levels = [
  { height: 360, bitrate: 500_000 },
  { height: 720, bitrate: 2_500_000 },
];
const tracks = [
  { id: 0, name: 'English', lang: 'en' },
  { id: 1, name: '', lang: 'de' },
  { id: 2, name: '' },
];

test('lists the qualities best first, below the automatic one, which names the playing quality', () => {
  expect(qualityChoices(levels, -1, 0)).toEqual([
    { value: -1, label: 'Automatic (360p)', chosen: true },
    { value: 1, label: '720p', chosen: false },
    { value: 0, label: '360p', chosen: false },
  ]);
  expect(qualityChoices(levels, 1, 0).map(({ label, chosen }) => `${label} ${chosen}`)).toEqual([
    'Automatic false',
    '720p true',
    '360p false',
  ]);
});

test('distinguishes qualities of the same height, or of none, by their bitrate', () => {
  const labels = (list: typeof levels) => qualityChoices(list, -1, -1).map(({ label }) => label);
  expect(labels([...levels, { height: 720, bitrate: 900_000 }])).toEqual([
    ...['Automatic', '720p, 2.5 Mbit/s', '720p, 900 kbit/s', '360p'],
  ]);
  expect(
    labels([
      { height: 0, bitrate: 64_000 },
      { height: 0, bitrate: 128_000 },
    ]),
  ).toEqual([...['Automatic', '128 kbit/s', '64 kbit/s']]);
});

test('offers no choice when there is only one option', () => {
  expect([
    qualityChoices(levels.slice(1), -1, 0),
    audioChoices(tracks.slice(1, 2), 0),
    subtitleChoices([], -1),
  ]).toEqual([...[[], [], []]]);
});

test('labels tracks by name, else language, else number; subtitles can be off', () => {
  expect(audioChoices(tracks, 1)).toEqual([
    { value: 0, label: 'English', chosen: false },
    { value: 1, label: 'de', chosen: true },
    { value: 2, label: 'Track 3', chosen: false },
  ]);
  expect(subtitleChoices(tracks.slice(0, 1), -1)).toEqual([
    { value: -1, label: 'Off', chosen: true },
    { value: 0, label: 'English', chosen: false },
  ]);
});
