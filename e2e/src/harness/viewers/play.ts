import { expect } from '@playwright/test';
import { read, starvations } from '../probe/probe.ts';
import type { Reading } from '../probe/reading.ts';
import type { Viewer } from './viewers.ts';

/** Waits until every viewer's player runs. */
export async function playing(viewers: readonly Viewer[], timeoutMs = 20_000): Promise<void> {
  for (const { name, page } of viewers)
    await expect
      .poll(async () => (await read(page)).playedSeconds, {
        message: `viewer ${name} plays`,
        timeout: timeoutMs,
      })
      .toBeGreaterThan(0);
}

/**
 * Waits until every viewer has played that many more seconds of the stream, by its own media clock.
 * @param marginMs additional time allowed.
 */
export async function playOn(viewers: readonly Viewer[], seconds: number, marginMs = 15_000): Promise<void> {
  const end = performance.now() + seconds * 1000 + marginMs;
  const starts = await Promise.all(viewers.map(async ({ page }) => (await read(page)).playedSeconds));
  for (const [i, { name, page }] of viewers.entries())
    await expect
      .poll(async () => (await read(page)).playedSeconds - (starts[i] ?? 0), {
        message: `viewer ${name} plays ${seconds} s more`,
        timeout: Math.max(1000, end - performance.now()),
        intervals: [500],
      })
      .toBeGreaterThanOrEqual(seconds);
}

/** Waits until every viewer has that much media ahead of its playhead. */
export async function buffered(viewers: readonly Viewer[], seconds: number): Promise<void> {
  await expect
    .poll(
      async () => {
        const readings = await Promise.all(viewers.map(({ page }) => read(page)));
        return Math.min(...readings.map(({ aheadSeconds }) => aheadSeconds));
      },
      { message: `every viewer has ${seconds} s of media ahead`, timeout: 15_000, intervals: [250] },
    )
    .toBeGreaterThanOrEqual(seconds);
}

/** hls.js's errors about incorrect playlists, fatal or not. */
const PLAYLIST_ERRORS = new Set(['manifestParsingError', 'levelParsingError', 'levelEmptyError']);

/** Expects no stall, no jump, no fatal error and no incorrect playlist since the player started. */
export async function expectNoStall(viewers: readonly Viewer[]): Promise<void> {
  for (const { name, page } of viewers) expectSmooth(name, await read(page));
}

/** The same for an earlier reading of a viewer, which may have left since. */
export function expectSmooth(name: string, reading: Reading): void {
  expect.soft(reading.visible, `viewer ${name}: a hidden page measures nothing`).toBe(true);
  expect.soft(starvations(reading), `viewer ${name}: stalls`).toEqual([]);
  expect.soft(reading.skippedSeconds, `viewer ${name}: seconds jumped over`).toBeLessThan(0.3);
  expect
    .soft(
      reading.errors.filter(({ details, fatal }) => fatal || PLAYLIST_ERRORS.has(details)),
      `viewer ${name}: fatal errors and bad playlists`,
    )
    .toEqual([]);
}
