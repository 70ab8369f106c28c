import { expect, it } from 'vitest';
import { StreamBuffer } from '../buffer/stream-buffer.ts';
import type { Media, MediaReader } from './fetch/media-reader.ts';
import type { QueuedSegment } from './plan/segment-queue.ts';
import type { SourceSegment } from './playlist/media-list.ts';
import { Recording } from './recording.ts';

const source = (msn: number, more: Partial<SourceSegment> = {}): SourceSegment => ({
  msn,
  url: `https://host/${msn}.ts`,
  range: undefined,
  durationMs: 2000,
  timeline: 0,
  gap: false,
  dateTime: undefined,
  lines: ['#EXTINF:2,'],
  keys: [],
  map: undefined,
  ...more,
});
const place = (msn: number, more: Partial<SourceSegment> = {}): QueuedSegment => ({
  msn,
  epoch: 7,
  timeline: 0,
  source: source(msn, more),
});

function open(segments: readonly QueuedSegment[], broken: readonly string[] = []) {
  const asked: string[] = [];
  const pending: (() => void)[] = [];
  const faults: unknown[] = [];
  const rendition = new StreamBuffer({ epoch: 7 }).declareRendition('0000000a', { type: 'video' });
  const type = { contentType: 'video/mp2t', extension: 'ts' };
  const reader: Pick<MediaReader, 'segment' | 'init'> = {
    segment: ({ url }) => {
      asked.push(url);
      if (broken.includes(url)) return Promise.reject(new Error(url));
      const media: Media = { data: Buffer.from(url), type, init: undefined };
      return new Promise((resolve) => {
        pending.push(() => {
          resolve(media);
        });
      });
    },
    init: () => Promise.reject(new Error('none')),
  };
  const recording = new Recording({
    rendition,
    reader: reader as MediaReader,
    segments,
    fallback: 'server',
    onFault: (error) => faults.push(error),
  });
  const settle = async () => {
    for (let turn = 0; turn < 20; turn++) {
      pending.shift()?.();
      await Promise.resolve();
    }
  };
  const list = async () => {
    const listed = recording.list();
    await settle();
    await listed;
  };
  return { recording, rendition, asked, pending, faults, settle, list };
}

it('lists all segments with the type of one at the beginning, although the first is missing', async () => {
  const segments = [place(0), place(1, { gap: true }), place(2), place(3)];
  const { rendition, asked, list } = open(segments, ['https://host/0.ts']);
  await list();
  expect(asked).toEqual(['https://host/0.ts', 'https://host/2.ts']);
  expect(rendition.entries.map(({ msn, onDemand, segment }) => [msn, onDemand, segment?.id.msn])).toEqual([
    [0, 'ts', undefined],
    [1, undefined, undefined],
    [2, 'ts', 2],
    [3, 'ts', undefined],
  ]);
  expect(rendition.whole).toBe(true);
});

it('lists nothing while no segment can be read', async () => {
  const { recording, rendition } = open([place(0)], ['https://host/0.ts']);
  await expect(recording.list()).rejects.toThrow('https://host/0.ts');
  expect(rendition.entries).toEqual([]);
});

it('fetches four at a time, holds 64 requests, and turns one more away', async () => {
  const { recording, list, asked, pending, settle } = open(
    Array.from({ length: 100 }, (_, msn) => place(msn)),
  );
  await list();
  const answers = Array.from({ length: 66 }, (_, index) =>
    recording.fetch(index + 1, index < 50 ? 'a' : `b${index}`),
  );
  await Promise.resolve();
  expect(asked.length).toBe(1 + 4);
  expect(pending.length).toBe(4);
  expect(answers.map((answer) => answer === 'whole').lastIndexOf(false)).toBe(63);
  for (let round = 0; round < 20; round++) await settle();
  const fetched = await Promise.all(answers.filter((answer) => typeof answer !== 'string'));
  expect(fetched.map((segment) => segment?.id.msn)).toEqual(
    Array.from({ length: 64 }, (_, index) => index + 1),
  );
  expect(recording.fetch(70, 'a')).not.toBe('whole');
});

it('gives each address prefix its turn, a share of the places, and one fetch to all who ask for a segment', async () => {
  const { recording, list, asked, settle } = open(Array.from({ length: 100 }, (_, msn) => place(msn)));
  await list();
  const greedy = Array.from({ length: 60 }, (_, index) => recording.fetch(index + 1, 'greedy'));
  expect(greedy.filter((answer) => answer === 'prefix').length).toBeGreaterThanOrEqual(8);
  expect(recording.fetch(1, 'other')).toBe(greedy[0]);
  const newcomer = recording.fetch(90, 'newcomer');
  expect(typeof newcomer).not.toBe('string');
  await settle();
  await settle();
  expect(asked.slice(0, 1 + 4 + 4).some((url) => url.endsWith('/90.ts'))).toBe(true);
  expect(await newcomer).toMatchObject({ id: { msn: 90 } });
});

it('fetches a segment from its current address, reports faults, and fetches nothing after its end', async () => {
  const { recording, rendition, asked, list, faults } = open(
    [place(0), place(1), place(2)],
    ['https://host/1.ts?token=new'],
  );
  await list();
  recording.relocate([{ msn: 1, source: source(1, { url: 'https://host/1.ts?token=new' }) }]);
  expect(await recording.fetch(1, 'a')).toBeUndefined();
  expect(asked.at(-1)).toBe('https://host/1.ts?token=new');
  expect(faults.length).toBe(1);
  await recording.stop();
  expect(rendition.fetchOnDemand).toBeUndefined();
  expect(await recording.fetch(2, 'a')).toBeUndefined();
  expect(asked.length).toBe(2);
});
