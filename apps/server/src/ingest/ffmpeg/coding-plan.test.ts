import { describe, expect, it } from 'vitest';
import { readLadder } from '../../config/ladder.ts';
import { codingPlan, firstPlan, meets } from './coding-plan.ts';

describe('codingPlan', () => {
  it.each([
    ['h264', 'aac', { video: 'copy', audio: 'copy', container: 'mpegts' }],
    ['h264', undefined, { video: 'copy', audio: 'none', container: 'mpegts' }],
    [undefined, 'mp3', { video: 'none', audio: 'copy', container: 'mpegts' }],
    ['h264', 'pcm_alaw', { video: 'copy', audio: 'aac', container: 'mpegts' }],
    [undefined, 'opus', { video: 'none', audio: 'aac', container: 'mpegts' }],
    ['hevc', 'aac', { video: 'copy', audio: 'copy', container: 'fmp4' }],
    ['av1', 'mp3', { video: 'copy', audio: 'aac', container: 'fmp4' }],
  ])('%s and %s', (video, audio, plan) => {
    expect(codingPlan({ video, audio })).toMatchObject({ ...plan, ladder: [] });
  });

  it('makes renditions smaller than the video, and at least one from unplayable video', () => {
    const ladder = readLadder('480p, 1080p,240p') ?? [];
    const heights = (video: string, height: number) => {
      const plan = codingPlan({ video, audio: undefined, width: 16, height }, ladder);
      return 'problem' in plan ? plan.problem : [plan.video, ...plan.ladder.map((step) => step.height)];
    };
    expect(heights('h264', 1080)).toEqual(['copy', 480, 240]);
    expect(heights('mpeg2video', 1080)).toEqual(['none', 1080, 480, 240]);
    expect(heights('mpeg2video', 100)).toEqual(['none', 240]);
    expect(codingPlan({ video: undefined, audio: 'mp3' }, ladder)).toMatchObject({ ladder: [] });
  });

  it('makes low-latency parts only from copied video', () => {
    const container = (video: string | undefined, audio: string, ladder = readLadder('240p')) => {
      const plan = codingPlan({ video, audio }, ladder, true);
      return 'problem' in plan ? plan.problem : [plan.container, plan.audio];
    };
    expect(container('h264', 'aac', [])).toEqual(['parts', 'copy']);
    expect(container('hevc', 'mp3', [])).toEqual(['parts', 'aac']);
    expect(container('h264', 'aac')).toEqual(['mpegts', 'copy']);
    expect(container(undefined, 'mp3')).toEqual(['mpegts', 'copy']);
  });

  it('reports what browsers do not play', () => {
    expect(codingPlan({ video: 'mpeg2video', audio: 'mp2' })).toEqual({
      problem: expect.stringContaining('mpeg2video') as string,
    });
    expect(codingPlan({ video: undefined, audio: undefined })).toHaveProperty('problem');
  });
});

it('the first plan is right where nothing has to be transcoded', () => {
  const wanted = (video: string | undefined, audio: string | undefined) => {
    return [false, true].map((lowLatency) => {
      const plan = codingPlan({ video, audio }, [], lowLatency);
      if ('problem' in plan) throw new Error(plan.problem);
      return meets(firstPlan(lowLatency), plan);
    });
  };
  expect(wanted('h264', 'aac')).toEqual([true, true]);
  expect(wanted('h264', undefined)).toEqual([true, true]);
  expect(wanted(undefined, 'mp3')).toEqual([true, false]);
  expect(wanted('h264', 'opus')).toEqual([false, false]);
  expect(wanted('h264', 'mp3')).toEqual([true, false]);
  expect(wanted('hevc', 'aac')).toEqual([false, true]);
});
