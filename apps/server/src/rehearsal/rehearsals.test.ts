import { pino } from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Experience } from '../tracker/group-figures.ts';
import { Rehearsals } from './rehearsals.ts';

let now: number;
let counted: { originBytes: number; publishedBytes: number; peerBytes: number };
let fared: Experience[];
let forgotten: string[];
let opened: [string, number][];
let stopped: number;
let chromiumEnds: (why: string) => void;
let rehearsals: Rehearsals;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  now = 0;
  counted = { originBytes: 5000, publishedBytes: 1000, peerBytes: 0 };
  [fared, forgotten, opened, stopped] = [[], [], [], 0];
  rehearsals = new Rehearsals({
    openHeadless: (stream, count) => {
      opened.push([stream, count]);
      const ended = new Promise<string>((resolve) => {
        chromiumEnds = resolve;
      });
      return {
        ended,
        stop: () => {
          stopped++;
          return Promise.resolve();
        },
      };
    },
    counted: () => ({ ...counted }),
    watching: () => ({ all: fared.length + 1, rehearsing: fared.length }),
    experiences: () => fared,
    forget: (stream) => forgotten.push(stream),
    now: () => now,
    log: pino({ level: 'silent' }),
  });
});
afterEach(async () => {
  await rehearsals.close();
  vi.useRealTimers();
});

const asked = { viewers: 3, seconds: 60 };
const experience = (change: Partial<Experience> = {}): Experience => ({
  ...{ watchedMs: 60_000, stalls: 0, startupMs: 300, latencyMs: 6000, playedBytes: 100 },
  ...change,
});

async function pass(seconds: number): Promise<void> {
  now += seconds * 1000;
  await vi.advanceTimersByTimeAsync(seconds * 1000);
}

test('runs for the given time, shows its progress, and ends with a report', async () => {
  expect(rehearsals.report('tv')).toEqual({ state: 'none', hasChromium: true, pages: 0 });
  rehearsals.start('tv', asked);
  expect([opened, forgotten]).toEqual([[['tv', 3]], ['tv']]);
  fared = [experience(), experience({ stalls: 2 }), experience({ startupMs: undefined })];
  counted = { originBytes: 6500, publishedBytes: 2000, peerBytes: 1500 };
  await pass(30);
  expect(rehearsals.report('tv')).toMatchObject({ state: 'running', elapsedSeconds: 30, seconds: 60 });
  counted = { originBytes: 7500, publishedBytes: 3000, peerBytes: 3500 };
  await pass(30);
  expect(stopped).toBe(1);
  expect(rehearsals.report('tv')).toMatchObject({
    ...{ state: 'done', elapsedSeconds: 60 },
    figures: {
      ...{ viewers: 3, played: 2, stalls: 2, viewersWithStall: 1, others: 1 },
      ...{ originBytes: 2500, copies: 1.25, laterCopies: 1, peerBytes: 3500 },
      offload: 1 - 2500 / 6000,
    },
  });
  expect(rehearsals.report('other').state).toBe('none');
});

test('counts waiting pages, and gives the pass to them alone while the rehearsal runs', async () => {
  expect(rehearsals.ask('tv', 'page-one')).toBeUndefined();
  rehearsals.ask('tv', 'page-two');
  rehearsals.ask('other', 'page-two');
  rehearsals.ask('tv', undefined);
  expect(rehearsals.report('tv').pages).toBe(2);
  rehearsals.start('tv', { viewers: 0, seconds: 20 });
  const shown = rehearsals.ask('tv', 'page-one') ?? '';
  expect(shown).toMatch(/^[\w-]{32}$/);
  expect(rehearsals.ask('other', 'page-two')).toBeUndefined();
  expect([rehearsals.isPass('tv', shown), rehearsals.isPass('other', shown)]).toEqual([true, false]);
  expect(rehearsals.isPass('tv', 'guessed')).toBe(false);
  await pass(20);
  expect(rehearsals.isPass('tv', shown)).toBe(false);
  expect(rehearsals.ask('tv', 'page-one')).toBeUndefined();
  expect(rehearsals.report('tv').pages).toBe(1);
});

test('refuses a second rehearsal at the same time', () => {
  rehearsals.start('tv', asked);
  expect(() => rehearsals.start('radio', asked)).toThrow('A rehearsal of "tv" is running');
});

test('refuses to start without viewers', () => {
  expect(() => rehearsals.start('tv', { viewers: 0, seconds: 20 })).toThrow('No viewers');
});

test('keeps the report when stopped, and drops it when the stream is removed', async () => {
  rehearsals.start('tv', asked);
  await pass(10);
  expect(await rehearsals.stop('tv')).toMatchObject({ state: 'stopped', elapsedSeconds: 10 });
  await pass(60);
  expect(rehearsals.report('tv').state).toBe('stopped');
  await rehearsals.forget('tv');
  expect(rehearsals.report('tv').state).toBe('none');
});

test('reports that Chromium exited by itself', async () => {
  rehearsals.start('tv', asked);
  chromiumEnds('exit code 1: no sandbox');
  await vi.advanceTimersByTimeAsync(0);
  expect(rehearsals.report('tv')).toMatchObject({
    state: 'failed',
    problem: 'Chromium exited: exit code 1: no sandbox',
  });
  rehearsals.start('tv', asked);
});
