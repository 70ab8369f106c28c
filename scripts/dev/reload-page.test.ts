import { afterEach, beforeEach, expect, it, vi } from 'vitest';

const reload = vi.fn();
let buildId: string | undefined;
let asked: string[];

beforeEach(async () => {
  vi.useFakeTimers();
  asked = [];
  buildId = '1';
  vi.stubGlobal('location', { reload });
  vi.stubGlobal('fetch', (address: string) => {
    asked.push(address);
    return buildId === undefined
      ? Promise.reject(new TypeError('fetch failed'))
      : Promise.resolve(new Response(buildId));
  });
  vi.resetModules();
  await import('./reload-page.ts');
  await vi.advanceTimersByTimeAsync(1000);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.clearAllMocks();
});

it('polls the file beside it and reloads once when there is another build', async () => {
  expect(asked.length).toBeGreaterThan(1);
  expect(asked[0]).toMatch(/\/build-id\.txt$/);
  expect(reload).not.toHaveBeenCalled();
  buildId = '2';
  await vi.advanceTimersByTimeAsync(5000);
  expect(reload).toHaveBeenCalledOnce();
});

it('waits while the server restarts', async () => {
  buildId = undefined;
  await vi.advanceTimersByTimeAsync(5000);
  expect(reload).not.toHaveBeenCalled();
  buildId = '2';
  await vi.advanceTimersByTimeAsync(500);
  expect(reload).toHaveBeenCalledOnce();
});
