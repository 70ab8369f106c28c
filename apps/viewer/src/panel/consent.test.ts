import { afterEach, beforeEach, expect, test, vi } from 'vitest';

const said = (VALUE: string) => ({ 'app.freshet.consent': { VALUE } });

beforeEach(() => {
  const kept = new Map<string, string>();
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
  });
  vi.resetModules();
});
afterEach(() => {
  vi.unstubAllGlobals();
});

test.each([
  [null, 'notice'],
  [{}, 'notice'],
  [{ 'com.example.other': { VALUE: 'ask' } }, 'notice'],
  [said('notice'), 'notice'],
  [said('ask'), 'ask'],
  [said('off'), 'off'],
  // An unknown mode of a newer server: ask the viewer.
  [said('ask-twice'), 'ask'],
])('%j means %s', async (data, mode) => {
  const { consentMode } = await import('./consent.ts');
  expect(consentMode(data)).toBe(mode);
});

test.each([
  [undefined, undefined, false, false],
  [undefined, 'notice', true, false],
  [undefined, 'ask', false, true],
  [undefined, 'off', false, false],
  [true, undefined, true, false],
  [true, 'ask', true, false],
  [true, 'off', true, false],
  [false, 'notice', false, false],
  [false, 'ask', false, false],
] as const)(
  'a viewer with choice %j under mode %s uploads: %j, and is asked: %j',
  async (choice, mode, gives, asked) => {
    const { writeGiving } = await import('./giving.ts');
    const { isGiving, mustAsk } = await import('./consent.ts');
    if (choice !== undefined) writeGiving(choice);
    expect([isGiving(mode), mustAsk(mode)]).toEqual([gives, asked]);
  },
);
